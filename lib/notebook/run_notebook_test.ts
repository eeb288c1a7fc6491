import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { CellEvent } from "./execute_cells.ts";
import { type CodeCell, type Notebook, readNotebook } from "./nbformat.ts";
import { NotebookError } from "./notebook_error.ts";
import { type FixtureCell, notebookText, withNotebook } from "../testing/notebook_fixture.ts";
import { runNotebook, type RunNotebookOptions } from "./run_notebook.ts";

function outputsOf(notebook: Notebook, index: number): CodeCell["outputs"] {
  return (notebook.cells[index] as CodeCell).outputs;
}

/** Runs cells that must fail; gives the error and the partial notebook. */
async function runFailing(
  cells: FixtureCell[],
  options: RunNotebookOptions = {},
): Promise<{ error: NotebookError; partial: Notebook }> {
  let result: { error: NotebookError; partial: Notebook } | undefined;
  await withNotebook(cells, async (path, folder) => {
    const output = `${folder}/out.ipynb`;
    await Deno.writeTextFile(output, "the last good output");
    const run = () => runNotebook(path, { output, ...options });
    const error = await assertRejects(run, NotebookError);
    assertEquals(await Deno.readTextFile(output), "the last good output");
    assertEquals(error.failedNotebook, `${folder}/out.failed.ipynb`);
    assertEquals(error.notebook, path);
    assertStringIncludes(error.message, `${path}, code cell `);
    const names = Array.from(Deno.readDirSync(folder), (entry) => entry.name).sort();
    assertEquals(names, ["out.failed.ipynb", "out.ipynb", "test.ipynb"]);
    result = { error, partial: await readNotebook(error.failedNotebook!) };
  });
  return result!;
}

Deno.test("no late output of 30 cells is lost, and a second run gives the same bytes", async () => {
  const cells = Array.from(
    { length: 30 },
    (_, i) =>
      `for (let k = 0; k < 15; k++) console.log("${i}." + k);
console.error("e");
await Deno.jupyter.display({ "text/html": "<b>${i}</b>" }, { raw: true });
console.log("end");
${i} * 2`,
  );
  await withNotebook(cells, async (path, folder) => {
    const run = await runNotebook(path, { output: `${folder}/1.ipynb` });
    assertEquals(run.cells, 30);
    for (let i = 0; i < 30; i++) {
      const text = Array.from({ length: 15 }, (_, k) => `${i}.${k}\n`).join("");
      assertEquals<unknown>(outputsOf(run.notebook, i), [
        { output_type: "stream", name: "stdout", text },
        { output_type: "stream", name: "stderr", text: "e\n" },
        { output_type: "display_data", data: { "text/html": `<b>${i}</b>` }, metadata: {} },
        { output_type: "stream", name: "stdout", text: "end\n" },
        {
          output_type: "execute_result",
          data: { "text/plain": `${i * 2}` },
          metadata: {},
          execution_count: i + 1,
        },
      ]);
    }
    await runNotebook(`${folder}/1.ipynb`, { output: `${folder}/2.ipynb` });
    const [first, second] = [1, 2].map((n) => Deno.readTextFileSync(`${folder}/${n}.ipynb`));
    assertEquals(first, second);
  });
});

Deno.test("a run has parameters, environment, its folder, and tells its progress", async () => {
  const cells: FixtureCell[] = [
    { source: "# Title", type: "markdown" },
    { source: "let factor = 1;", tags: ["parameters"] },
    "  ",
    'import { base } from "./base.ts";\nconsole.log(base * factor, Deno.env.get("SOME_NAME"));',
  ];
  await withNotebook(cells, async (path, folder) => {
    await Deno.writeTextFile(`${folder}/base.ts`, "export const base = 21;");
    const events: CellEvent[] = [];
    const { notebook, output } = await runNotebook(path, {
      parameters: { factor: 2 },
      env: { SOME_NAME: "value" },
      onCell: (event) => events.push(event),
    });
    assertEquals(output, undefined);
    const stream = { output_type: "stream", name: "stdout", text: "42 value\n" };
    assertEquals<unknown>(outputsOf(notebook, 4), [stream]);
    const counts = notebook.cells.map((c) => c.cell_type === "code" ? c.execution_count : "text");
    assertEquals(counts, ["text", 1, 2, null, 3]);
    assertEquals(notebook.metadata.language_info?.name, "typescript");
    const told = events.map((e) => `${e.index} ${e.number}/${e.total} ${e.type}`);
    const pair = (cell: string) => [`${cell} started`, `${cell} finished`];
    assertEquals(told, [
      ...pair("1 1/3"),
      ...pair("2 2/3"),
      "4 3/3 started",
      "4 3/3 stream",
      "4 3/3 finished",
    ]);
    const names = Array.from(Deno.readDirSync(folder), (entry) => entry.name).sort();
    assertEquals(names, ["base.ts", "test.ipynb"]);
  });
});

Deno.test("displays are updated over cells, cleared, and carriage returns applied", async () => {
  const cells = [
    `const show = (text, options) => Deno.jupyter.display({ "text/plain": text }, { raw: true, ...options });
await show("one", { display_id: "a" });`,
    'await show("two", { display_id: "a", update: true });',
    `console.log("gone");
await Deno.jupyter.broadcast("clear_output", { wait: true });
console.log("50 %\\r100 %");`,
  ];
  await withNotebook(cells, async (path) => {
    const { notebook } = await runNotebook(path);
    const data = { "text/plain": "two" };
    assertEquals(outputsOf(notebook, 0), [{ output_type: "display_data", data, metadata: {} }]);
    assertEquals(outputsOf(notebook, 1), []);
    const stream = { output_type: "stream", name: "stdout", text: "100 %\n" };
    assertEquals<unknown>(outputsOf(notebook, 2), [stream]);
  });
});

Deno.test("in place, outputs are renewed and what earlier runs left is removed", async () => {
  await withNotebook(["1 + 1"], async (path) => {
    const before = JSON.parse(await Deno.readTextFile(path));
    before.cells[0].metadata = { execution: { "iopub.status.busy": "2026-01-01" } };
    before.cells[0].outputs = [{ output_type: "stream", name: "stdout", text: "stale" }];
    before.cells[0].execution_count = 17;
    await Deno.writeTextFile(path, JSON.stringify(before));
    const run = await runNotebook(path, { inPlace: true });
    assertEquals(run.output, path);
    const after = await readNotebook(path);
    assertEquals(after, run.notebook);
    assertEquals(after.cells[0].metadata, {});
    const outputs = outputsOf(after, 0);
    assertEquals(outputs.map((o) => o.output_type), ["execute_result"]);
    const text = await Deno.readTextFile(path);
    await runNotebook(path, { inPlace: true });
    assertEquals(await Deno.readTextFile(path), text);
  });
});

Deno.test("a cell that throws ends the run with its traceback; the next good run tidies up", async () => {
  const cells = [
    "const x = 1;",
    'console.log("before");\nthrow new TypeError("two\\nlines");',
    "x",
  ];
  const { error, partial } = await runFailing(cells);
  assertEquals(error.kind, "error");
  assertEquals(error.cell, { index: 1, number: 2, total: 3, source: cells[1] });
  assertStringIncludes(error.message, "code cell 2 of 3: TypeError: two\n");
  assertStringIncludes(error.message, '   2 | throw new TypeError("two\\nlines");\n');
  assertStringIncludes(error.traceback, "TypeError: two\nlines\n    at ");
  const types = outputsOf(partial, 1).map((o) => o.output_type);
  // On a busy machine what was printed may come after the error.
  assertEquals(types.toSorted(), ["error", "stream"]);
  assertEquals(partial.cells.map((c) => (c as CodeCell).execution_count), [1, 2, null]);

  await withNotebook(["1"], async (path, folder) => {
    const output = `${folder}/deep/out.ipynb`;
    await Deno.mkdir(`${folder}/deep`);
    await Deno.writeTextFile(`${folder}/deep/out.failed.ipynb`, "stale");
    await runNotebook(path, { output });
    const names = Array.from(Deno.readDirSync(`${folder}/deep`), (entry) => entry.name);
    assertEquals(names, ["out.ipynb"]);
  });
});

Deno.test("a cell that does not parse fails with the parser's message", async () => {
  const { error, partial } = await runFailing(["const x = 1;\nlet y: number = ;"]);
  assertEquals(error.kind, "error");
  assertStringIncludes(error.message, "code cell 1 of 1: SyntaxError: Expression expected");
  assertStringIncludes(error.traceback, "at line 2, column 17");
  assertEquals(outputsOf(partial, 0).map((o) => o.output_type), ["error"]);
});

Deno.test("an error while a result is shown fails the cell", async () => {
  const { error } = await runFailing([
    '({ [Symbol.for("Jupyter.display")]: () => { throw new Error("cannot show"); } })',
  ]);
  assertStringIncludes(error.message, "code cell 1 of 1: Error: cannot show");
});

Deno.test("a rejected promise that nobody handles fails the cell that left it", async () => {
  const source = `async function forgotten() {
  await new Promise((resolve) => setTimeout(resolve, 0));
  throw new Error("lost", { cause: new Error("why") });
}
forgotten();
5`;
  const { error, partial } = await runFailing([source, "1"]);
  assertEquals(error.cell?.number, 1);
  assertStringIncludes(error.message, "code cell 1 of 2: Error: lost");
  assertStringIncludes(error.traceback, "Error: why");
  assertEquals((partial.cells[1] as CodeCell).execution_count, null);
});

Deno.test("an error in a timer ends a cell that would wait for ever", async () => {
  const source = 'setTimeout(() => { throw new Error("late"); }, 1);\nawait new Promise(() => {});';
  const { error } = await runFailing([source]);
  assertEquals(error.kind, "error");
  assertStringIncludes(error.message, "Error: late");
});

Deno.test("an endless loop ends at the time limit, with its outputs so far", async () => {
  const cells = ['console.log("before");\nwhile (true);'];
  // Long enough for a busy machine to print.
  const { error, partial } = await runFailing(cells, { cellTimeoutMs: 4000 });
  assertEquals(error.kind, "timeout");
  assertStringIncludes(error.message, "ran longer than the limit of 4 s for a cell");
  const [stream, last] = outputsOf(partial, 0);
  assertEquals(stream, { output_type: "stream", name: "stdout", text: "before\n" });
  assertEquals(last.output_type, "error");
});

Deno.test("an await that never ends, and timers that keep the kernel busy, time out", async () => {
  const waiting = await runFailing(["await new Promise(() => {});"], { cellTimeoutMs: 300 });
  assertEquals(waiting.error.kind, "timeout");
  const busy = "setTimeout(() => { while (true); }, 0);";
  const timers = await runFailing([busy], { cellTimeoutMs: 300 });
  assertEquals(timers.error.kind, "timeout");
});

Deno.test("a kernel that exits or is killed ends the run", async () => {
  const exit = await runFailing(["1", 'console.log("x");\nDeno.exit(3);']);
  assertEquals(exit.error.kind, "crash");
  assertEquals(exit.error.cell?.number, 2);
  assertStringIncludes(exit.error.message, "exit code 3: did a cell call Deno.exit?");
  const killed = await runFailing([
    'Deno.kill(Deno.pid, "SIGKILL");\nawait new Promise(() => {});',
  ]);
  assertEquals(killed.error.kind, "crash");
  assertStringIncludes(killed.error.message, "SIGKILL");
  const printed = await runFailing([
    "Deno.stderr.writeSync(new TextEncoder().encode('native log\\n'));\nDeno.exit(1);",
  ]);
  assertStringIncludes(printed.error.message, "native log");
});

Deno.test("what does not fit is refused before a kernel starts", async () => {
  await withNotebook(["1"], async (path, folder) => {
    const fails = (options: RunNotebookOptions, message: string) =>
      assertRejects(() => runNotebook(path, options), NotebookError, message);
    await fails({ output: `${folder}/./test.ipynb` }, "the output is the notebook itself");
    await fails({ inPlace: true, output: "x.ipynb" }, "and write to x.ipynb as well");
    await fails({ inPlace: true, parameters: { x: 1 } }, "in place with parameters");
    await fails({ parameters: { x: 1 } }, "the notebook has no parameters");
    await fails({ output: `${path}/out.ipynb` }, "cannot be run: ");
    const metadata = { kernelspec: { name: "python3", display_name: "Python 3" } };
    await Deno.writeTextFile(path, notebookText(["1"], metadata));
    await fails({}, 'written for the kernel "python3"');
    const error = await fails({ output: `${folder}/out.ipynb` }, "python3");
    assert(error.kind === "invalid" && error.cell === undefined);
  });
});
