/**
 * Medians and orders, for values of which only the order counts: the layer at which an answer turns,
 * for example.
 *
 * @module
 */
import { binomialTail } from "./beta.ts";
import type { Column } from "./columns.ts";
import type { Contrast } from "./contrast.ts";
import type { Difference } from "./difference.ts";
import { twoSidedNormal } from "./normal.ts";
import { wilsonInterval } from "./shares.ts";

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

/**
 * How much more often a value of one sample lies below one of another sample than above it, over all
 * pairs of the two: 1 where all are below, -1 where none is, ties count for neither (Cliff's delta,
 * 1993). Its interval is Wilson's score interval of (1 + delta) / 2 with the smaller sample's size:
 * that share's variance is at most share (1 - share) / size, whatever the shapes of the two
 * (Birnbaum and Klose, 1957). So it is as wide as any shape asks for, and has a width where the samples do not overlap.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { value, low } = precedence([1, 2, 2, 3], [3, 4, 4, 5]).contrast(0.95);
 * assertEquals([value, low.toFixed(3)], [0.9375, "-0.042"]);
 * ```
 *
 * @throws {RangeError} if a sample has no values.
 */
export function precedence(first: Column, second: Column): Difference {
  const n = Math.min(first.length, second.length);
  if (n === 0) throw new RangeError("Cannot say which of two samples comes first: one is empty");
  const sum = first.reduce(
    (sum, a) => second.reduce((sum, b) => sum + Math.sign(b - a), sum),
    0,
  );
  const value = sum / (first.length * second.length);
  return {
    contrast: (confidence) => {
      const [low, high] = wilsonInterval((1 + value) / 2, { n, confidence });
      return { value, low: 2 * low - 1, high: 2 * high - 1 };
    },
    // At delta = 0 the standard error is 1 / sqrt(n), and elsewhere it is smaller.
    visible: ({ confidence, power }) => {
      const least = (twoSidedNormal(confidence) + twoSidedNormal(2 * power - 1)) / Math.sqrt(n);
      return least > 1 ? null : least;
    },
  };
}
