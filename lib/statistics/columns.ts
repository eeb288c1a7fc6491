/**
 * Values sample by sample.
 *
 * @module
 */

/** A value for each sample; the columns of one statement are of the same samples. */
export type Column = readonly number[];

/** The mean; NaN without values. */
export function mean(values: Column): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample by sample, `a` less `b`. */
export function less(a: Column, b: Column): Column {
  return a.map((value, i) => value - b[i]);
}

/** Sample by sample, the mean over columns. */
export function meanColumn(columns: readonly Column[]): Column {
  return columns[0].map((_, i) => mean(columns.map((column) => column[i])));
}

/** The samples that have a value in every column; the others are dropped from all. */
export function completeSamples(columns: readonly (readonly (number | null)[])[]): Column[] {
  const complete = (columns[0] ?? []).map((_, i) => columns.every((column) => column[i] !== null));
  return columns.map((column) => column.filter((_, i) => complete[i]) as number[]);
}
