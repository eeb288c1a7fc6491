/**
 * Runs a notebook headless.
 *
 * @module
 */
import { rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { checkWritable, writeAtomically } from "../atomic_write.ts";
import { executableCells } from "./code_cells.ts";
import { type CellEvent, executeCells } from "./execute_cells.ts";
import { KernelError, startKernel } from "./kernel.ts";
import { type Notebook, readNotebook, serializeNotebook } from "./nbformat.ts";
import { NotebookError } from "./notebook_error.ts";
import { injectParameters, type NotebookParameters } from "./parameters.ts";

/** Options of {@link runNotebook}. */
export interface RunNotebookOptions {
  /** Values for parameters that the notebook declares; the others keep their defaults. */
  parameters?: NotebookParameters;
  /** Where the executed notebook is written. By default it is only returned. */
  output?: string;
  /**
   * Writes the outputs into the notebook itself, to commit it with them. Excludes `output` and
   * `parameters`. Default false.
   */
  inPlace?: boolean;
  /** Milliseconds that one cell may take. Default: one hour; `Infinity` for no limit. */
  cellTimeoutMs?: number;
  /** Environment variables of the kernel, beside those of this process. */
  env?: Record<string, string>;
  onCell?: (event: CellEvent) => void;
  /** Ends the run, and kills the kernel, when it aborts. */
  signal?: AbortSignal;
}

/** A notebook that ran to its end. */
export interface NotebookRun {
  notebook: Notebook;
  /** Where it was written, if it was. */
  output?: string;
  cells: number;
}

const HOUR_MS = 3_600_000;

/**
 * Runs all code cells of a notebook in a fresh Deno kernel whose working directory is the
 * notebook's folder, and gives the notebook with its outputs: valid nbformat 4.5, and the same
 * bytes at each run if the cells print and display the same.
 *
 * The file at `output` is replaced only once all cells have succeeded. If one fails, the notebook
 * so far goes to `<name>.failed.ipynb` beside it, with the error in the cell that failed.
 *
 * @param path The notebook; its metadata must name Deno's kernel, or none.
 * @throws {NotebookError} If the notebook is not valid, a parameter is unknown, the output cannot
 * be written, a cell fails, the kernel dies, or the signal aborts.
 *
 * @example
 * ```ts
 * const folder = await Deno.makeTempDir();
 * const path = `${folder}/sum.ipynb`;
 * const cell = { cell_type: "code", execution_count: null, metadata: {}, outputs: [] };
 * const cells = [
 *   { ...cell, id: "a", metadata: { tags: ["parameters"] }, source: "let n = 1;" },
 *   { ...cell, id: "b", source: "n + 1" },
 * ];
 * const notebook = { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
 * await Deno.writeTextFile(path, JSON.stringify(notebook));
 *
 * const run = await runNotebook(path, { parameters: { n: 41 }, output: `${folder}/out.ipynb` });
 *
 * if (!JSON.stringify(run.notebook.cells[2]).includes('"text/plain":"42"')) throw new Error();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function runNotebook(
  path: string,
  options: RunNotebookOptions = {},
): Promise<NotebookRun> {
  const output = outputPath(path, options);
  const source = await readNotebook(path);
  checkKernelspec(source, path);
  const notebook = injectParameters(source, options.parameters ?? {}, { name: path });
  clearExecution(notebook);
  const failedOutput = output?.replace(/(\.ipynb)?$/, ".failed.ipynb");
  if (output !== undefined) await checkOutput(output, path);
  try {
    await execute(notebook, path, options);
  } catch (error) {
    const failure = toNotebookError(error, path, options.signal);
    if (failedOutput && failure.cell !== undefined && failure.kind !== "aborted") {
      // The error of the run is the news: a partial notebook that cannot be written must not hide it.
      const written = await writeNotebook(failedOutput, notebook).then(() => true, () => false);
      if (written) failure.failedNotebook = failedOutput;
    }
    throw failure;
  }
  if (output !== undefined) {
    await writeNotebook(output, notebook);
    await rm(failedOutput!, { force: true });
  }
  return { notebook, output, cells: executableCells(notebook).length };
}

async function execute(
  notebook: Notebook,
  path: string,
  options: RunNotebookOptions,
): Promise<void> {
  options.signal?.throwIfAborted();
  const { env, signal, onCell, cellTimeoutMs = HOUR_MS } = options;
  const kernel = await startKernel({ cwd: dirname(resolve(path)), env, signal });
  try {
    notebook.metadata.kernelspec = { name: "deno", display_name: "Deno", language: "typescript" };
    notebook.metadata.language_info = { name: "typescript", ...kernel.languageInfo };
    await executeCells(notebook, kernel, { name: path, cellTimeoutMs, onCell });
  } finally {
    await kernel.close();
  }
}

function outputPath(path: string, options: RunNotebookOptions): string | undefined {
  const fail = (reason: string) => new NotebookError(path, reason);
  const { output, inPlace, parameters } = options;
  if (inPlace !== true) {
    if (output !== undefined && resolve(output) === resolve(path)) {
      throw fail("the output is the notebook itself: give another file, or the option inPlace");
    }
    return output;
  }
  if (output !== undefined) throw fail(`cannot run in place and write to ${output} as well`);
  if (Object.keys(parameters ?? {}).length > 0) {
    throw fail(
      "cannot run in place with parameters: the file would keep them; change its defaults",
    );
  }
  return path;
}

function checkKernelspec(notebook: Notebook, path: string): void {
  const { kernelspec } = notebook.metadata;
  if (kernelspec === undefined || kernelspec.name === "deno") return;
  const reason = `is written for the kernel "${kernelspec.name}", only "deno" can be run`;
  throw new NotebookError(path, reason);
}

function toNotebookError(error: unknown, path: string, signal?: AbortSignal): NotebookError {
  const cell = error instanceof NotebookError ? error.cell : undefined;
  if (signal?.aborted) {
    const { reason } = signal;
    const why = reason instanceof Error ? reason.message : String(reason);
    const options = { kind: "aborted", cell, cause: reason } as const;
    return new NotebookError(path, `the run was aborted: ${why}`, options);
  }
  if (error instanceof NotebookError) return error;
  if (!(error instanceof KernelError)) throw error;
  const reason = `cannot start Deno's kernel: ${error.message}`;
  return new NotebookError(path, reason, { kind: error.kind, cause: error });
}

async function checkOutput(output: string, notebook: string): Promise<void> {
  try {
    await checkWritable(output);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NotebookError(notebook, `cannot be run: ${reason}`, { cause });
  }
}

async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  await writeAtomically(path, serializeNotebook(notebook, path));
}

/** Forgets earlier outputs and prompt numbers, and what tools noted about earlier runs. */
function clearExecution(notebook: Notebook): void {
  for (const key of ["papermill", "widgets"]) delete notebook.metadata[key];
  for (const cell of notebook.cells) {
    for (const key of ["execution", "papermill", "ExecuteTime"]) delete cell.metadata[key];
    if (cell.cell_type !== "code") continue;
    cell.outputs = [];
    cell.execution_count = null;
  }
}
