/**
 * Running notebooks headless and checking their cells.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { declaredParameters, readNotebook } from "./mod.ts";
 *
 * const notebook = await readNotebook("notebooks/06_update_diversity.ipynb");
 * assertEquals(declaredParameters(notebook).map(({ name }) => name), ["recipe", "results", "topk"]);
 * ```
 *
 * @module
 */
export { checkCells, formatProblem } from "./check_cells.ts";
export type { CellEvent } from "./execute_cells.ts";
export {
  type CodeCell,
  type Notebook,
  parseNotebook,
  readNotebook,
  serializeNotebook,
} from "./nbformat.ts";
export { installKernel } from "./kernelspec.ts";
export { linkNotebook, titleOf } from "./notebook_links.ts";
export { NotebookError } from "./notebook_error.ts";
export { declaredParameters, injectParameters, type JsonValue } from "./parameters.ts";
export { runNotebook } from "./run_notebook.ts";
