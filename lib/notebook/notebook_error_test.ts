import { assertEquals } from "@std/assert";
import { NotebookError } from "./notebook_error.ts";

Deno.test("the message has notebook, cell, source and traceback", () => {
  const cell = { index: 4, number: 2, total: 3, source: "a();\nb();" };
  const error = new NotebookError("n/x.ipynb", "Error: no", {
    kind: "error",
    cell,
    traceback: "Error: no\n    at b",
  });
  assertEquals(
    error.message,
    "n/x.ipynb, code cell 2 of 3: Error: no\n   1 | a();\n   2 | b();\nError: no\n    at b",
  );
  assertEquals([error.kind, error.cell, error.notebook], ["error", cell, "n/x.ipynb"]);
});

Deno.test("a long source is shown in part", () => {
  const source = Array.from({ length: 23 }, (_, i) => `line${i + 1};`).join("\n");
  const cell = { index: 0, number: 1, total: 1, source };
  const { message } = new NotebookError("x.ipynb", "late", { kind: "timeout", cell });
  const lines = message.split("\n");
  assertEquals(lines.length, 22);
  assertEquals(lines.slice(-2), ["  20 | line20;", "     | ... (3 more lines)"]);
});

Deno.test("without a cell the message is one line", () => {
  const cause = new Error("inner");
  const error = new NotebookError("x.ipynb", "there is no such file", { kind: "invalid", cause });
  assertEquals(error.message, "x.ipynb: there is no such file");
  assertEquals(error.cause, cause);
});
