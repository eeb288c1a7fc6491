/**
 * Where executed notebooks go, and how they are written.
 *
 * @module
 */
import { checkWritable, writeAtomically } from "../atomic_write.ts";
import { type Notebook, serializeNotebook } from "./nbformat.ts";
import { NotebookError } from "./notebook_error.ts";

/**
 * The file that takes the partial result of a failed run: `a.ipynb` gives `a.failed.ipynb`.
 *
 * @example
 * ```ts
 * if (failedPath("results/a.ipynb") !== "results/a.failed.ipynb") throw new Error("unexpected");
 * ```
 */
export function failedPath(output: string): string {
  return output.replace(/(\.ipynb)?$/, ".failed.ipynb");
}

/**
 * Makes sure, before a long run, that `output` can be written: makes its folder and tries.
 *
 * @throws {NotebookError} If it cannot be written.
 */
export async function prepareOutput(output: string, notebook: string): Promise<void> {
  try {
    await checkWritable(output);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NotebookError(notebook, `cannot be run: ${reason}`, { kind: "invalid", cause });
  }
}

/**
 * Writes a notebook so that at any time the path holds the old file or the whole new one.
 *
 * @throws {NotebookError} If the notebook is not valid; nothing is written then.
 */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  await writeAtomically(path, serializeNotebook(notebook, path));
}

/** Removes what an earlier failed run left beside `output`. */
export async function removeFailed(output: string): Promise<void> {
  try {
    await Deno.remove(failedPath(output));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
