/**
 * How the library is built: which room may import which, through which door, and what a door has.
 * A room is a folder of lib/; its door is its mod.ts (and that of a folder inside).
 */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { declarations, type Module, readModule, readModules } from "./testing/module_graph.ts";

/** From the ground up: a room imports those before it. Files of lib/ itself lie below them all. */
const ROOMS = [
  ...["checkpoint", "statistics", "maths", "model", "spectra", "merging", "benchmarks", "serving"],
  ...["figures", "notebook", "experiments", "findings", "report", "study"],
  ...["scheduling", "commands"],
];

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const modules = await readModules(PROJECT, ["lib", "dataset", "notebooks"]);

const isTest = ({ path }: Module) => /_test\.ts$|\/testdata\/|^lib\/(testing|bench)\//.test(path);
const isDoor = (path: string) => /^lib\/\w+\/(\w+\/)?mod\.ts$/.test(path);
const roomOf = (path: string) => /^lib\/(\w+)\//.exec(path)?.[1];
const library = [...modules.values()].filter((module) => roomOf(module.path) && !isTest(module));

/** Imports between rooms that are wrong. */
function between(isWrong: (from: string, to: string, path: string) => boolean): string[] {
  return library.flatMap(({ path, imports, handsOn }) => {
    const from = roomOf(path)!;
    return [...imports, ...handsOn].filter(({ path: target }) => {
      const to = roomOf(target);
      return to && to !== from && isWrong(from, to, target);
    }).map((edge) => `${path} imports ${edge.path}`);
  });
}

Deno.test("every room has its place, and the README says which", () => {
  const rooms = new Set(library.map(({ path }) => roomOf(path)!));
  assertEquals([...rooms].filter((room) => !ROOMS.includes(room)), []);
  const readme = Deno.readTextFileSync(new URL("README.md", import.meta.url));
  const rows = [...readme.matchAll(/^\| \[(\w+)\]/gm)].map(([, room]) => room);
  assertEquals(rows, [...ROOMS.filter((room) => rooms.has(room)), "testing"]);
});

Deno.test("a room imports rooms below it only, so that there are no circles", () => {
  const upwards = (from: string, to: string) => ROOMS.indexOf(to) > ROOMS.indexOf(from);
  assertEquals(between(upwards), []);
  const files = [...modules.values()].filter(({ path }) => /^lib\/\w+\.ts$/.test(path))
    .filter((module) => !isTest(module));
  assertEquals(
    files.filter(({ imports }) => imports.some((edge) => roomOf(edge.path))).map(({ path }) =>
      path
    ),
    [],
  );
});

Deno.test("other rooms come in by the door", () => {
  assertEquals(between((_from, _to, path) => !path.endsWith("/mod.ts")), []);
});

Deno.test("files do not import each other in circles", () => {
  const state = new Map<string, "open" | "done">();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
      return;
    }
    state.set(path, "open");
    const module = modules.get(path);
    for (const edge of [...module?.imports ?? [], ...module?.handsOn ?? []]) {
      // Types may point both ways: nothing runs.
      if (!edge.typesOnly) visit(edge.path, [...trail, path]);
    }
    state.set(path, "done");
  };
  for (const { path } of library) visit(path, []);
  assertEquals(circles, []);
});

Deno.test("a door has 25 names at most, or says why it has more", () => {
  const wide = library.filter(({ path, text }) =>
    isDoor(path) && declarations(modules, path).size > 25 && !/Many names:\s+(?:\* )?\w/.test(text)
  ).map(({ path }) => `${path}: ${declarations(modules, path).size} names`);
  assertEquals(wide, []);
});

/** For each name, by the file that declares it, who imports it. */
function importers(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { path, imports } of modules.values()) {
    for (const { path: target, names } of imports) {
      const theirs = declarations(modules, target);
      for (const name of names === "*" ? theirs.keys() : names) {
        const key = `${theirs.get(name) ?? target} ${name}`;
        found.set(key, (found.get(key) ?? new Set()).add(path));
      }
    }
  }
  return found;
}

Deno.test("what a file exports, another one uses", () => {
  const used = importers();
  const dead = library.flatMap(({ path, values, types, text }) =>
    [
      ...values.filter((name) => !used.has(`${path} ${name}`)),
      // A type may be there for a signature of its own file.
      ...types.filter((name) =>
        !used.has(`${path} ${name}`) &&
        [...text.matchAll(new RegExp(`\\b${name}\\b`, "g"))].length < 2
      ),
    ].map((name) => `${path}: ${name}`)
  );
  assertEquals(dead, []);
});

Deno.test("what a door hands on, somebody outside uses, or a test shows", () => {
  const used = importers();
  const idle = library.filter(({ path }) => isDoor(path)).flatMap(({ path }) =>
    [...declarations(modules, path)]
      // Types stand in signatures.
      .filter(([name, from]) => modules.get(from)!.values.includes(name))
      .filter(([name, from]) =>
        ![...used.get(`${from} ${name}`) ?? []].some((user) =>
          roomOf(user) !== roomOf(path) || user.endsWith("_test.ts")
        )
      )
      .map(([name]) => `${path}: ${name}`)
  );
  assertEquals(idle, []);
});

Deno.test("the reader of modules sees imports and exports of every form", () => {
  const text = [
    'import type { A, B as C } from "./a.ts";',
    'import d from "zod";',
    'import * as e from "../e/mod.ts";',
    'export { type F, g as h } from "./f.ts";',
    'export * from "./i.ts";',
    "/** export const no = 1; */",
    "export async function* j() {}",
    "export interface K {}",
    'const l = await import("./l.ts");',
  ].join("\n");
  const { imports, handsOn, values, types } = readModule("lib/room/file.ts", text);
  assertEquals(imports, [
    { path: "lib/room/a.ts", names: ["A", "B"], typesOnly: true },
    { path: "lib/e/mod.ts", names: "*", typesOnly: false },
    { path: "lib/room/l.ts", names: "*", typesOnly: false },
  ]);
  assertEquals(handsOn, [
    { path: "lib/room/f.ts", names: ["F", "g"], typesOnly: false },
    { path: "lib/room/i.ts", names: "*", typesOnly: false },
  ]);
  assertEquals([values, types], [["j"], ["K"]]);
});
