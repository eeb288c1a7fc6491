/**
 * Reading a figure's columns out of a Polars frame, checked.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { listText } from "../list_text.ts";
import { type Phase, PHASES } from "./theme.ts";

/** The columns that a figure needs, and who makes such a frame. */
export interface FrameSpec<N extends string, S extends string> {
  /** The figure, as an error names it: "the energy figure". */
  readonly figure: string;
  /** What makes a fitting frame: "energySummaryFrame(report)". */
  readonly source: string;
  /** Columns of numbers; null, NaN and infinities are read as null. */
  readonly numbers: readonly N[];
  /** Columns of text. */
  readonly strings: readonly S[];
  /** Columns of text that may be missing; their cells are then null. */
  readonly optionalStrings?: readonly S[];
}

/** One row: numbers that are finite or null, texts or null. */
export type Row<N extends string, S extends string> =
  & Record<N, number | null>
  & Record<S, string | null>;

/**
 * The frame's rows, with the columns of `spec` only.
 *
 * @throws {TypeError} if it is not a frame, a column is missing, or a column has the wrong type.
 * @throws {RangeError} if the frame has no rows.
 */
export function readRows<N extends string, S extends string>(
  frame: pl.DataFrame,
  spec: FrameSpec<N, S>,
): Row<N, S>[] {
  const { figure, source } = spec;
  const columns: unknown = frame?.columns;
  if (!Array.isArray(columns)) {
    throw new TypeError(`Cannot draw ${figure}: not a Polars frame; pass ${source}`);
  }
  if (frame.height === 0) {
    throw new RangeError(
      `Cannot draw ${figure}: the frame has no rows; pass ${source} of a report`,
    );
  }
  const missing = [...spec.numbers, ...spec.strings].filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    throw new TypeError(
      `Cannot draw ${figure}: the frame has no column ${listText(missing)} ` +
        `(it has ${listText(columns)}); pass ${source}`,
    );
  }
  const rows = Array.from({ length: frame.height }, () => ({})) as Record<string, unknown>[];
  const fill = (name: string, read: (value: unknown) => unknown) => {
    for (const [i, value] of frame.getColumn(name).toArray().entries()) rows[i][name] = read(value);
  };
  for (const name of spec.numbers) {
    fill(name, (value) => {
      if (value === null || value === undefined) return null;
      if (typeof value !== "number" && typeof value !== "bigint") {
        throw wrongType(figure, name, "numbers", value);
      }
      const number = Number(value);
      return Number.isFinite(number) ? number : null;
    });
  }
  const optional = (spec.optionalStrings ?? []).filter((name) => columns.includes(name));
  for (const row of rows) for (const name of spec.optionalStrings ?? []) row[name] = null;
  for (const name of [...spec.strings, ...optional]) {
    fill(name, (value) => {
      if (value === null || value === undefined) return null;
      if (typeof value !== "string") throw wrongType(figure, name, "text", value);
      return value;
    });
  }
  return rows as Row<N, S>[];
}

function wrongType(figure: string, column: string, wanted: string, value: unknown): TypeError {
  return new TypeError(
    `Cannot draw ${figure}: column ${column} holds ${JSON.stringify(String(value))}, ` +
      `but ${wanted} is needed`,
  );
}

/** The cell that is read, for its error. */
export interface CellPlace {
  /** The figure, as an error names it. */
  readonly figure: string;
  readonly column: string;
}

/**
 * The one of `known` that a row's cell names.
 *
 * @throws {TypeError} if it is none of them.
 */
export function readChoice<T extends string>(
  value: string | null,
  options: CellPlace & { known: readonly T[] },
): T {
  const { figure, column, known } = options;
  const choice = known.find((name) => name === value);
  if (choice === undefined) {
    const quoted = known.map((name) => JSON.stringify(name));
    throw new TypeError(
      `Cannot draw ${figure}: column ${column} holds ${JSON.stringify(value)}, ` +
        `but ${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)} is needed`,
    );
  }
  return choice;
}

/**
 * The phase that a row's cell names.
 *
 * @throws {TypeError} if it is neither "IN" nor "RL".
 */
export function readPhase(value: string | null, figure: string): Phase {
  return readChoice(value, { figure, column: "phase", known: PHASES });
}

/**
 * The whole number that a row's cell holds.
 *
 * @throws {TypeError} if it is no whole number from `lowest` (-10000 by default) to 10000.
 */
export function readWholeNumber(
  value: number | null,
  options: CellPlace & { lowest?: number },
): number {
  const { figure, column, lowest = -10_000 } = options;
  if (value === null || !Number.isInteger(value) || value < lowest || value > 10_000) {
    throw new TypeError(
      `Cannot draw ${figure}: column ${column} holds ${value}, ` +
        `but a whole number from ${lowest} to 10000 is needed`,
    );
  }
  return value;
}

/**
 * The layer index that a row's cell holds.
 *
 * @throws {TypeError} if it is not a whole number from -10000 to 10000.
 */
export function readLayerIndex(value: number | null, figure: string): number {
  return readWholeNumber(value, { figure, column: "layer_idx" });
}
