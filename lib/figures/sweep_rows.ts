/**
 * Rows of a frame over LLM layers, counted from 0: texts that name a series, whole numbers that
 * name a place in it, and what was measured there.
 *
 * @module
 */
import type pl from "nodejs-polars";
import type { FigureOptions } from "./compose_figure.ts";
import { readRows, readWholeNumber } from "./frame_rows.ts";

/** Options of the figures over LLM layers. */
export interface SweepFigureOptions extends FigureOptions {
  /** LLM layers in all, which set the thirds; by default one more than the highest layer drawn. */
  llmLayers?: number;
  /** What the intervals are, for the legend; "95 % bootstrap interval" by default. */
  interval?: string;
}

/** The columns that a figure over LLM layers needs. */
export interface SweepSpec<K extends string, I extends string, M extends string> {
  /** The figure, as an error names it. */
  readonly figure: string;
  /** What makes a fitting frame, for an error. */
  readonly source: string;
  /** Columns of text that name a row's series. */
  readonly keys: readonly K[];
  /** Columns of whole numbers that name its place; no two rows agree in these and `keys`. */
  readonly indices: readonly I[];
  /** Columns of numbers that may be missing. */
  readonly measures: readonly M[];
  /** Smallest of `indices`, 0 by default; -1 where that is the baseline. */
  readonly lowest?: number;
  /** A column of `indices` without which a row is left out. */
  readonly skipWithout?: I;
}

/** One row; measures are finite or null. */
export type SweepRow<K extends string, I extends string, M extends string> =
  & Readonly<Record<K, string>>
  & Readonly<Record<I, number>>
  & Readonly<Record<M, number | null>>;

/**
 * Reads the rows, ordered by their indices.
 *
 * @throws {TypeError} if a column is missing or of a wrong type.
 * @throws {RangeError} if there are no rows, or two for one place.
 */
export function readSweepRows<K extends string, I extends string, M extends string>(
  frame: pl.DataFrame,
  spec: SweepSpec<K, I, M>,
): SweepRow<K, I, M>[] {
  const { figure, source, keys, indices, measures, lowest = 0, skipWithout } = spec;
  const seen = new Set<string>();
  const rows = readRows<string, string>(frame, {
    figure,
    source,
    numbers: [...indices, ...measures],
    strings: keys,
  }) as Record<string, string | number | null>[];
  const kept = rows.filter((row) => skipWithout === undefined || row[skipWithout] !== null);
  for (const row of kept) {
    for (const column of keys) {
      if (row[column] === null) {
        throw new TypeError(`Cannot draw ${figure}: column ${column} holds null; pass ${source}`);
      }
    }
    for (const column of indices) {
      readWholeNumber(row[column] as number | null, { figure, column, lowest });
    }
    const place = [...keys, ...indices].map((name) => `${name} ${row[name]}`).join(", ");
    if (seen.has(place)) {
      throw new RangeError(`Cannot draw ${figure}: two rows for ${place}; pass ${source}`);
    }
    seen.add(place);
  }
  const compare = (a: typeof kept[number], b: typeof kept[number]) => {
    const index = indices.find((name) => a[name] !== b[name]);
    return index === undefined ? 0 : Number(a[index]) - Number(b[index]);
  };
  return kept.sort(compare) as SweepRow<K, I, M>[];
}

/**
 * LLM layers in all: the option's, or one more than the highest of `rows`.
 *
 * @throws {RangeError} if the option is no whole number above the highest layer.
 */
export function llmLayersOf(
  rows: readonly { readonly layer: number }[],
  options: SweepFigureOptions & { figure: string },
): number {
  const needed = rows.reduce((count, { layer }) => Math.max(count, layer + 1), 1);
  const { llmLayers = needed, figure } = options;
  if (!Number.isInteger(llmLayers) || llmLayers < needed || llmLayers > 10_001) {
    throw new RangeError(
      `Cannot draw ${figure}: llmLayers is ${llmLayers}, but the frame has layer ${needed - 1}; ` +
        "give the number of LLM layers in all, or leave it out",
    );
  }
  return llmLayers;
}

/** "`n = 50`", "`n = 38 to 50`", or "" where no row says it; `unit` follows the number. */
export function sampleSize(
  rows: readonly { readonly n: number | null }[],
  unit = "",
): string {
  const counts = rows.flatMap(({ n }) => n === null ? [] : [n]);
  if (counts.length === 0) return "";
  const low = counts.reduce((a, b) => Math.min(a, b));
  const high = counts.reduce((a, b) => Math.max(a, b));
  const range = low === high ? `${low}` : `${low} to ${high}`;
  return unit === "" ? `n = ${range}` : `n = ${range} ${unit}`;
}
