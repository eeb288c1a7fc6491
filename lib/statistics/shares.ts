/**
 * Intervals of a share: how many of n samples are right, for example. Unlike those of means they have a
 * width where all samples agree: 100 of 100 say that the share is above 96 %, not that it is 100 %.
 *
 * @module
 */
import { betaQuantile } from "./beta.ts";
import type { Contrast } from "./contrast.ts";

function checkShare(successes: number, n: number) {
  if (
    !Number.isInteger(successes) || !Number.isInteger(n) || n < 1 || successes < 0 || successes > n
  ) {
    throw new RangeError(
      `Cannot give an interval of ${successes} of ${n}: whole numbers are needed, at least one ` +
        "sample, and no more successes than samples",
    );
  }
}

/**
 * A share with its exact interval (Clopper and Pearson, 1934): from the p for which this many or more
 * successes have a chance of (1 - confidence) / 2 to the p for which this many or fewer have it. It
 * holds the share at least as often as it says.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { value, low, high } = exactShare(100, 100)(0.95);
 * assertEquals([value, low.toFixed(4), high], [1, "0.9638", 1]);
 * ```
 *
 * @throws {RangeError} if these are no counts.
 */
export function exactShare(successes: number, n: number): Contrast {
  checkShare(successes, n);
  return (confidence) => {
    const tail = (1 - confidence) / 2;
    return {
      value: successes / n,
      low: successes === 0 ? 0 : betaQuantile(tail, successes, n - successes + 1),
      high: successes === n ? 1 : betaQuantile(1 - tail, successes + 1, n - successes),
    };
  };
}
