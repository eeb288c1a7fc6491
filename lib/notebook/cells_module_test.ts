import { assertEquals } from "@std/assert";
import { cellsModule } from "./cells_module.ts";
import { parseNotebook } from "./nbformat.ts";
import { type FixtureCell, notebookText } from "../testing/notebook_fixture.ts";

function moduleOf(cells: FixtureCell[]) {
  return cellsModule(parseNotebook(notebookText(cells), "a.ipynb"));
}

Deno.test("cells are nested blocks under their imports", () => {
  const { source } = moduleOf([
    { source: "# Title", type: "markdown" },
    'import { a } from "./a.ts";\nimport type { B } from "b";\n\nconst x: B = a;',
    'import { a } from "./a.ts";',
    "",
    'import {\n  c,\n  d,\n} from "c" with { type: "json" };\nconst x = await import("d");\nx',
  ]);
  assertEquals(
    source.split("\n").map((line) => line.trimEnd()).filter((line) => line !== ""),
    [
      '/// <reference lib="deno.unstable" />',
      'import { a } from "./a.ts";',
      'import type { B } from "b";',
      "import {",
      "  c,",
      "  d,",
      '} from "c" with { type: "json" };',
      "{",
      "const x: B = a;",
      "{",
      'const x = await import("d");',
      "x",
      "}",
      "}",
    ],
  );
});

Deno.test("each line knows the cell and line that it shows", () => {
  const cells = ['import "a";\n"one";', { source: "text", type: "markdown" as const }, "\n2;\n3;"];
  const { source, origins } = moduleOf(cells);
  const lines = source.split("\n").map((line, i) => [line.trim(), origins[i]]);
  const found = Object.fromEntries(lines.filter(([line]) => line !== ""));
  assertEquals(found, {
    '/// <reference lib="deno.unstable" />': undefined,
    'import "a";': { cell: 1, line: 1 },
    '"one";': { cell: 1, line: 2 },
    "2;": { cell: 2, line: 2 },
    "3;": { cell: 2, line: 3 },
    "{": undefined,
    "}": undefined,
  });
});

Deno.test("what only looks like an import stays where it is", () => {
  const cell = "importantThing();\nimport.meta;\n  import('x');\nconst s = 'import \"a\"';";
  const { source } = moduleOf([cell]);
  assertEquals(source.slice(source.indexOf("{")), `{\n${cell}\n}\n`);
});
