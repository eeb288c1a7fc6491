/**
 * What modules import and export, read from their text, for tests of how the library is built.
 *
 * @module
 */
import { dirname, join, relative } from "node:path";

/** Names out of another file. */
export interface Edge {
  path: string;
  /** "*" for all of them. */
  names: string[] | "*";
  /** Whether nothing of it runs. */
  typesOnly: boolean;
}

/** One module; all paths are relative to the project. */
export interface Module {
  path: string;
  text: string;
  imports: Edge[];
  /** Functions, classes and constants of its own that it exports. */
  values: string[];
  /** Types and interfaces of its own that it exports. */
  types: string[];
  /** What it hands on from other files. */
  handsOn: Edge[];
}

const DECLARATION =
  /^export (?:default |abstract |declare )*(async function\*?|function\*?|const|let|class|enum|interface|type) ([\w$]+)/gm;
const IMPORT =
  /^(import|export) (type )?(?:[\w$]+(?:, )?)?(\*(?: as \w+)?|\{[^}]*\})? ?from "(\.[^"]+)"/gm;
const DYNAMIC = /\bimport\("(\.[^"]+)"\)/g;

function nameList(text: string | undefined): string[] | "*" {
  if (text === undefined || text.startsWith("*")) return "*";
  return text.slice(1, -1).split(",").map((name) =>
    name.trim().replace(/^type /, "").replace(/ as .*/, "")
  ).filter(Boolean);
}

/** Reads one module's text. */
export function readModule(path: string, text: string): Module {
  const code = text.replace(/^ *\/\*\*?[^]*?\*\//gm, "").replace(/^ *\/\/.*$/gm, "");
  const module: Module = { path, text, imports: [], values: [], types: [], handsOn: [] };
  for (const [, kind, name] of code.matchAll(DECLARATION)) {
    (kind === "type" || kind === "interface" ? module.types : module.values).push(name);
  }
  for (const [, word, type, names, target] of code.matchAll(IMPORT)) {
    const typesOnly = type !== undefined ||
      /^\{(?:\s*type \w+( as \w+)?,?)+\s*\}$/.test(names ?? "");
    const edge = { path: join(dirname(path), target), names: nameList(names), typesOnly };
    (word === "export" ? module.handsOn : module.imports).push(edge);
  }
  for (const [, target] of code.matchAll(DYNAMIC)) {
    module.imports.push({ path: join(dirname(path), target), names: "*", typesOnly: false });
  }
  return module;
}

async function* filesUnder(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesUnder(join(folder, name));
    else yield join(folder, name);
  }
}

function notebookCode(text: string): string {
  const { cells } = JSON.parse(text) as { cells: { cell_type: string; source: string[] }[] };
  return cells.filter((cell) => cell.cell_type === "code").map(({ source }) =>
    [source].flat().join("")
  )
    .join("\n");
}

/** All modules and notebooks under folders of the project, by path. */
export async function readModules(
  project: string,
  folders: readonly string[],
): Promise<Map<string, Module>> {
  const modules = new Map<string, Module>();
  for (const folder of folders) {
    for await (const file of filesUnder(join(project, folder))) {
      if (!/\.(ts|ipynb)$/.test(file)) continue;
      const text = await Deno.readTextFile(file);
      const path = relative(project, file);
      modules.set(path, readModule(path, path.endsWith(".ts") ? text : notebookCode(text)));
    }
  }
  return modules;
}

/** Where each name that a module exports is declared. */
export function declarations(
  modules: ReadonlyMap<string, Module>,
  path: string,
): Map<string, string> {
  const module = modules.get(path);
  if (!module) return new Map();
  const found = new Map([...module.values, ...module.types].map((name) => [name, path]));
  for (const { path: from, names } of module.handsOn) {
    const theirs = declarations(modules, from);
    for (const name of names === "*" ? theirs.keys() : names) {
      found.set(name, theirs.get(name) ?? from);
    }
  }
  return found;
}
