/**
 * Symmetric matrices as tiles of their lower half.
 *
 * @module
 */

/** A symmetric f64 matrix cut into square blocks, of which only i >= j are kept. */
export interface SymmetricTiles {
  /** Where blocks begin, and the order last: block i has rows offsets[i] to offsets[i + 1]. */
  offsets: number[];
  /** tiles[i][j], j <= i: rows of block i by columns of block j, row-major; [i][i] is full. */
  tiles: Float64Array[][];
}

/** Rows in block i. */
export function blockRows(offsets: readonly number[], i: number): number {
  return offsets[i + 1] - offsets[i];
}

/**
 * Cuts an order into blocks of `rows`; the first block takes what is left over, because matrices
 * are worked off from the last.
 */
export function blockOffsets(order: number, rows: number): number[] {
  const count = Math.max(1, Math.ceil(order / rows));
  return Array.from({ length: count + 1 }, (_, i) => Math.max(0, order - (count - i) * rows));
}
