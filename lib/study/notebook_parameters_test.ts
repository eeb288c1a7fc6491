import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { readNotebook } from "../notebook/mod.ts";
import { parameterDefaults, settingsFor } from "./notebook_parameters.ts";
import { listNotebooks, NOTEBOOKS } from "./reproduce.ts";

const read = (name: string) => readNotebook(join(NOTEBOOKS, `${name}.ipynb`));
const named = (number: string) => listNotebooks().find((name) => name.startsWith(number))!;

Deno.test("the suite's notebooks take the sample size by their own name for it", async () => {
  const settings = { sampleSize: 7 };
  assertEquals(settingsFor(await read(named("02")), settings), { sample_size: 7 });
  assertEquals(settingsFor(await read(named("03")), settings), { num_samples: 7 });
  assertEquals(settingsFor(await read(named("05")), settings), {});
  assertEquals(settingsFor(await read(named("02")), {}), {});
});

Deno.test("every notebook that samples takes the sample size, and has plain defaults", async () => {
  for (const name of listNotebooks()) {
    const notebook = await read(name);
    const defaults = parameterDefaults(notebook);
    if (Object.keys(defaults).length > 0) assertEquals(defaults.recipe, "tiny", name);
    const samples = Object.keys(defaults).some((key) => /sample(s|_size)$/.test(key));
    assertEquals(Object.keys(settingsFor(notebook, { sampleSize: 3 })).length > 0, samples, name);
  }
});

Deno.test("defaults are read as far as they are plain", () => {
  const source = `let a = 1; // a comment; with a semicolon
let b = "x;y";
  let c = [1, 2];
let d = 1 + 1;
const e = 5;
let f = null;`;
  const cell = {
    cell_type: "code" as const,
    id: "p",
    metadata: { tags: ["parameters"] },
    source,
    execution_count: null,
    outputs: [],
  };
  const notebook = {
    cells: [cell],
    metadata: {},
    nbformat: 4 as const,
    nbformat_minor: 5 as const,
  };
  const defaults = parameterDefaults(notebook);
  assertEquals([defaults.a, defaults.c, defaults.f], [1, [1, 2], null]);
  assert(!("d" in defaults) && !("e" in defaults));
  assertEquals(parameterDefaults({ ...notebook, cells: [] }), {});
});
