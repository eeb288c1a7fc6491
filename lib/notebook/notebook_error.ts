/**
 * The error that ends the run of a notebook.
 *
 * @module
 */

/**
 * Why a run ended:
 * - `invalid`: the file is no notebook, or the request does not fit it;
 * - `error`: a cell threw, did not parse, or left a rejected promise unhandled;
 * - `timeout`: a cell took longer than allowed;
 * - `crash`: the kernel's process ended, or could not be started;
 * - `aborted`: the caller's signal ended the run.
 */
export type NotebookErrorKind = "invalid" | "error" | "timeout" | "crash" | "aborted";

/** Where a cell is. */
export interface CellPosition {
  /** Position among all cells of the notebook, from 0. */
  index: number;
  /** Position among its code cells that have source, from 1, as in the prompt `[n]`. */
  number: number;
  /** How many such cells the notebook has. */
  total: number;
}

/** A cell that is executed. */
export interface ExecutableCell extends CellPosition {
  source: string;
}

/** Options of {@link NotebookError}. */
export interface NotebookErrorOptions extends ErrorOptions {
  /** Why the run ended; default "invalid". */
  kind?: NotebookErrorKind;
  cell?: ExecutableCell;
  traceback?: string;
}

const SHOWN_LINES = 20;

/**
 * A notebook could not be run to its end. The message names the notebook and the cell, and shows
 * the cell's source and the traceback.
 *
 * @example
 * ```ts
 * const cell = { index: 2, number: 1, total: 3, source: "f()" };
 * const error = new NotebookError("a.ipynb", "f is not defined", { kind: "error", cell });
 * if (!error.message.startsWith("a.ipynb, code cell 1 of 3: f is not defined")) throw error;
 * ```
 */
export class NotebookError extends Error {
  override name = "NotebookError";
  /** The notebook, as the caller named it. */
  readonly notebook: string;
  readonly kind: NotebookErrorKind;
  readonly cell?: ExecutableCell;
  /** The error as the kernel told it, with its stack; empty if there is none. */
  readonly traceback: string;
  /** Where the notebook with the outputs up to the error was written, if it was. */
  failedNotebook?: string;

  /** `reason` says in one line what happened and, where that helps, what to do. */
  constructor(notebook: string, reason: string, options: NotebookErrorOptions = {}) {
    super(describe(notebook, reason, options), { cause: options.cause });
    this.notebook = notebook;
    this.kind = options.kind ?? "invalid";
    this.cell = options.cell;
    this.traceback = options.traceback ?? "";
  }
}

function describe(notebook: string, reason: string, options: NotebookErrorOptions): string {
  const { cell, traceback } = options;
  const where = cell === undefined ? "" : `, code cell ${cell.number} of ${cell.total}`;
  const parts = [`${notebook}${where}: ${reason}`];
  if (cell !== undefined) {
    const lines = cell.source.split("\n");
    const shown = lines.slice(0, SHOWN_LINES).map((line, i) =>
      `${i + 1}`.padStart(4) + ` | ${line}`
    );
    if (lines.length > SHOWN_LINES) {
      shown.push(`     | ... (${lines.length - SHOWN_LINES} more lines)`);
    }
    parts.push(shown.join("\n"));
  }
  if (traceback !== undefined && traceback !== "") parts.push(traceback);
  return parts.join("\n");
}
