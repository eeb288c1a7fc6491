/**
 * Several tests at once.
 *
 * @module
 */

/**
 * P-values corrected for their number (Holm, 1979): of m in ascending order the k-th is multiplied by
 * m - k + 1, and no later one is smaller. If each that is at most alpha is believed, any is believed
 * wrongly with a chance of at most alpha, however they depend on each other.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(holm([0.5, 0.01, 0.02]), [0.5, 0.03, 0.04]);
 * ```
 *
 * @returns In the order given.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).toSorted((a, b) => pValues[a] - pValues[b]);
  const corrected = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((at, rank) => {
    largest = Math.min(1, Math.max(largest, (pValues.length - rank) * pValues[at]));
    corrected[at] = largest;
  });
  return corrected;
}
