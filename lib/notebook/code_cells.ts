/**
 * The code cells of a notebook, as a run numbers them.
 *
 * @module
 */
import type { Notebook } from "./nbformat.ts";
import type { ExecutableCell } from "./notebook_error.ts";

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
