/**
 * How the library is built: which room may import which, through which door, and what a door has.
 * A room is a folder of lib/; its door is its mod.ts (and that of a folder inside). What is listed as
 * known here is to go: a test fails too when a listed violation is there no more.
 */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { declarations, type Module, readModule, readModules } from "./testing/module_graph.ts";

/** From the ground up: a room imports those before it. Files of lib/ itself lie below them all. */
const ROOMS = [
  ...["checkpoint", "statistics", "maths", "model", "spectra", "merging", "benchmarks", "serving"],
  ...["figures", "notebook", "evaluation", "experiments", "findings", "report", "study"],
  "commands",
];

/** What is known to be wrong, by the test that sees it: pairs of rooms, or rooms. */
const KNOWN = {
  upwards: [] as string[],
  around: [] as string[],
  circles: [] as string[],
  /** Doors with more than 25 names that say no reason in their comment ("Many names: ..."). */
  wide: ["model"],
  dead: ["model"],
  idle: ["model"],
};

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const modules = await readModules(PROJECT, ["lib", "dataset", "notebooks"]);

const isTest = ({ path }: Module) => /_test\.ts$|\/testdata\/|^lib\/(testing|bench)\//.test(path);
const isDoor = (path: string) => /^lib\/\w+\/(\w+\/)?mod\.ts$/.test(path);
const roomOf = (path: string) => /^lib\/(\w+)\//.exec(path)?.[1];
const library = [...modules.values()].filter((module) => roomOf(module.path) && !isTest(module));

/** Findings by room; each begins with a file's path. */
const byRoom = (findings: readonly string[]) =>
  Map.groupBy(findings, (finding) => roomOf(finding)!);

/** Pairs of rooms between which an import is wrong, with the imports. */
function between(isWrong: (from: string, to: string, path: string) => boolean) {
  const found = new Map<string, string[]>();
  for (const { path, imports, handsOn } of library) {
    const from = roomOf(path)!;
    for (const { path: target } of [...imports, ...handsOn]) {
      const to = roomOf(target);
      if (!to || to === from || !isWrong(from, to, target)) continue;
      const pair = `${from} -> ${to}`;
      found.set(pair, [...found.get(pair) ?? [], `${path} imports ${target}`]);
    }
  }
  return found;
}

/** Fails for what is wrong and not listed, and for what is listed and mended. */
function assertKnown(found: ReadonlyMap<string, string[]>, known: readonly string[]) {
  const fresh = [...found].filter(([pair]) => !known.includes(pair)).flatMap(([, list]) => list);
  assertEquals(fresh, []);
  assertEquals(known.filter((pair) => !found.has(pair)), [], "mended: take it off the list");
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
  assertKnown(between(upwards), KNOWN.upwards);
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
  assertKnown(between((_from, _to, path) => !path.endsWith("/mod.ts")), KNOWN.around);
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
  assertKnown(byRoom(circles), KNOWN.circles);
});

Deno.test("a door has 25 names at most, or says why it has more", () => {
  const wide = library.filter(({ path, text }) =>
    isDoor(path) && declarations(modules, path).size > 25 && !/Many names:\s+(?:\* )?\w/.test(text)
  ).map(({ path }) => `${path}: ${declarations(modules, path).size} names`);
  assertKnown(byRoom(wide), KNOWN.wide);
});

/** Whether a type belongs to a value of the same file that a door hands on. */
function isInSignature(name: string, from: string, door: string): boolean {
  const { types, values } = modules.get(from)!;
  const handed = declarations(modules, door);
  return types.includes(name) && values.some((value) => handed.get(value) === from);
}

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
  assertKnown(byRoom(dead), KNOWN.dead);
});

Deno.test("what a door hands on, somebody outside uses", () => {
  const used = importers();
  const idle = library.filter(({ path }) => isDoor(path)).flatMap(({ path }) =>
    [...declarations(modules, path)]
      // Of types, those too that stand in the signature of something that is handed on.
      .filter(([name, from]) => !isInSignature(name, from, path))
      .filter(([name, from]) =>
        ![...used.get(`${from} ${name}`) ?? []].some((user) => roomOf(user) !== roomOf(path))
      )
      .map(([name]) => `${path}: ${name}`)
  );
  assertKnown(byRoom(idle), KNOWN.idle);
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
