import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type CodeCell, parseNotebook, readNotebook, serializeNotebook } from "./nbformat.ts";
import { notebookText } from "../testing/notebook_fixture.ts";
import { NotebookError } from "./notebook_error.ts";

// Written by nbconvert 6.5 (nbformat 5.5), which ran it with Deno's kernel.
const SAVED = new URL("./testdata/saved_by_jupyter.ipynb", import.meta.url);

Deno.test("a notebook saved by Jupyter is written back byte for byte", async () => {
  const text = await Deno.readTextFile(SAVED);
  const notebook = parseNotebook(text, "saved.ipynb");
  assertEquals(serializeNotebook(notebook, "saved.ipynb"), text);
  const types = notebook.cells.map((cell) => cell.cell_type);
  assertEquals(types, ["markdown", "raw", "code", "code", "code", "code", "code"]);
  const outputs = notebook.cells.flatMap((c) => c.cell_type === "code" ? c.outputs : []);
  const kinds = outputs.map((output) => output.output_type);
  assertEquals(kinds, ["stream", "stream", "execute_result", "display_data", "error"]);
});

Deno.test("texts are one string in memory, in whatever form the file has them", () => {
  const source = ["let x = 1;\n", "x;"];
  const data = {
    "text/plain": ["a\n", "b"],
    "application/json": ["a\n", "b"],
    "image/png": "aa\n",
  };
  const output = { output_type: "display_data", data, metadata: {} };
  const code = { cell_type: "code", execution_count: 1, id: "a", metadata: {}, source };
  const file = { cells: [{ ...code, outputs: [output] }], metadata: {}, nbformat: 4 };
  const text = JSON.stringify({ ...file, nbformat_minor: 5 });
  const notebook = parseNotebook(text, "a.ipynb");
  const cell = notebook.cells[0] as CodeCell;
  assertEquals(cell.source, "let x = 1;\nx;");
  const expected = { "text/plain": "a\nb", "application/json": ["a\n", "b"], "image/png": "aa\n" };
  assertEquals(cell.outputs, [{ output_type: "display_data", data: expected, metadata: {} }]);
  assertEquals(JSON.parse(serializeNotebook(notebook, "a.ipynb")), JSON.parse(text));
});

Deno.test("older notebooks get ids that are unique and the same at each reading", () => {
  const cell = { cell_type: "raw", metadata: { trusted: true }, source: "same" };
  const cells = [cell, cell, { ...cell, source: "other" }];
  const metadata = { orig_nbformat: 3 };
  const text = JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 2 });
  const notebook = parseNotebook(text, "a.ipynb");
  const ids = notebook.cells.map((cell) => cell.id);
  assertEquals(new Set(ids).size, 3);
  assert(ids.every((id) => /^[a-zA-Z0-9-_]{1,64}$/.test(id)), ids.join());
  assertEquals(parseNotebook(text, "a.ipynb").cells.map((cell) => cell.id), ids);
  assertEquals(notebook.nbformat_minor, 5);
  assertEquals(notebook.metadata, {});
  assertEquals(notebook.cells[0].metadata, {});
});

Deno.test("what is no notebook is refused with the place and the reason", () => {
  const valid = JSON.parse(notebookText(["1"]));
  const [cell] = valid.cells;
  const withCell = (change: object) => ({ ...valid, cells: [{ ...cell, ...change }] });
  const withOutput = (output: object) => withCell({ outputs: [output] });
  const display = { output_type: "display_data", metadata: {} };
  const cases: [unknown, string][] = [
    ["not json", "not JSON"],
    [`{"cells": ${"[".repeat(3000)}${"]".repeat(3000)}}`, "nested more than 500 deep"],
    ['{"cells": [], "cells": []}', 'the key "cells" stands twice'],
    ["\ufeff{}", "byte order mark"],
    [[], "the notebook: "],
    [{ ...valid, nbformat: 3 }, "nbformat: "],
    [{ ...valid, nbformat_minor: 6 }, "nbformat_minor: "],
    [withCell({ cell_type: "heading" }), "cells[0].cell_type: "],
    [withCell({ source: 5 }), "cells[0].source: expected text or a list of lines"],
    [withCell({ id: "a b" }), "cells[0].id: a cell id has"],
    [withCell({ metadata: { tags: ["a,b"] } }), "cells[0].metadata.tags[0]: a tag"],
    [withCell({ execution_count: -1 }), "cells[0].execution_count: "],
    [withCell({ outputs: undefined }), "cells[0].outputs is missing"],
    [withCell({ surplus: 1 }), "surplus"],
    [withOutput({ output_type: "pyout" }), "cells[0].outputs[0].output_type: "],
    [withOutput({ ...display, data: { "text/plain": 1 } }), "data"],
    [withOutput({ ...display, data: {}, transient: {} }), "transient"],
    [{ ...valid, cells: [cell, cell] }, 'two cells have the id "cell-0"'],
  ];
  for (const [value, message] of cases) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const error = assertThrows(() => parseNotebook(text, "x/bad.ipynb"), NotebookError, message);
    assert(error.message.startsWith("x/bad.ipynb: not a valid notebook: "), error.message);
    assertEquals([error.kind, error.message.split("\n").length], ["invalid", 1]);
  }
});

Deno.test("a notebook that is not valid is not written", () => {
  const notebook = parseNotebook(notebookText(["1"]), "a.ipynb");
  notebook.cells[0].id = "not an id";
  assertThrows(() => serializeNotebook(notebook, "a.ipynb"), NotebookError, "cells[0].id");
});

Deno.test("a file that cannot be read is named", async () => {
  await assertRejects(
    () => readNotebook("no/such.ipynb"),
    NotebookError,
    "no/such.ipynb: there is no",
  );
  await assertRejects(() => readNotebook("."), NotebookError, ".: cannot be read: ");
});
