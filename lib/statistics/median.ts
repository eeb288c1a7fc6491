/**
 * Medians, for values of which only the order counts: the layer at which an answer turns, for example.
 *
 * @module
 */
import { binomialTail } from "./beta.ts";
import type { Contrast } from "./contrast.ts";

/**
 * The median with its exact interval: between the k-th smallest and the k-th largest value, k the
 * largest for which the chance that fewer than k of n lie below the median is at most
 * (1 - confidence) / 2 (Thompson, 1936). It assumes no shape; ties make it wider than it need be.
 *
 * @returns Infinite ends where so few values allow none: 5 or fewer at 95 %.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(exactMedian([3, 1, 2, 5, 4, 9])(0.95), { value: 3.5, low: 1, high: 9 });
 * ```
 *
 * @throws {RangeError} if there are no values.
 */
export function exactMedian(values: readonly number[]): Contrast {
  const n = values.length;
  if (n === 0) throw new RangeError("Cannot give a median of no values");
  const sorted = values.toSorted((a, b) => a - b);
  const value = (sorted[Math.floor((n - 1) / 2)] + sorted[Math.floor(n / 2)]) / 2;
  return (confidence) => {
    let k = 0;
    // P(fewer than k + 1 of n below) is P(n - k or more above).
    while (binomialTail(n - k, n, 0.5) <= (1 - confidence) / 2) k++;
    return k === 0
      ? { value, low: -Infinity, high: Infinity }
      : { value, low: sorted[k - 1], high: sorted[n - k] };
  };
}
