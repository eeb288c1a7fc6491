/**
 * The code cells of a notebook, as a run numbers them.
 *
 * @module
 */
import type { Notebook } from "./nbformat.ts";
import type { ExecutableCell } from "./notebook_error.ts";

/** Forgets earlier outputs and prompt numbers, and what tools noted about earlier runs. */
export function clearExecution(notebook: Notebook): void {
  for (const key of ["papermill", "widgets"]) delete notebook.metadata[key];
  for (const cell of notebook.cells) {
    for (const key of ["execution", "papermill", "ExecuteTime"]) delete cell.metadata[key];
    if (cell.cell_type !== "code") continue;
    cell.outputs = [];
    cell.execution_count = null;
  }
}

/** The cells that are executed: code cells with source. */
export function executableCells(notebook: Notebook): ExecutableCell[] {
  const code = notebook.cells.map((cell, index) => ({ cell, index }))
    .filter(({ cell }) => cell.cell_type === "code" && cell.source.trim() !== "");
  return code.map(({ cell, index }, i) => ({
    index,
    number: i + 1,
    total: code.length,
    source: cell.source,
  }));
}
