/**
 * Running notebooks headless and checking their cells.
 *
 * @module
 */
export { type CellProblem, checkCells, formatProblem } from "./check_cells.ts";
export type { CellEvent, CellPosition } from "./execute_cells.ts";
export {
  type CodeCell,
  type MimeBundle,
  type Notebook,
  type NotebookCell,
  type NotebookOutput,
  parseNotebook,
  readNotebook,
  serializeNotebook,
} from "./nbformat.ts";
export {
  type FailedCell,
  NotebookError,
  type NotebookErrorKind,
  type NotebookErrorOptions,
} from "./notebook_error.ts";
export {
  type DeclaredParameter,
  declaredParameters,
  injectParameters,
  type JsonValue,
  type NotebookParameters,
} from "./parameters.ts";
export { type NotebookRun, runNotebook, type RunNotebookOptions } from "./run_notebook.ts";
