/**
 * Intervals of a share: how many of n samples are right, for example. Unlike a bootstrap they have a
 * width where all samples agree: 100 of 100 say that the share is above 96 %, not that it is 100 %.
 *
 * @module
 */
import { betaQuantile } from "./beta.ts";
import type { Contrast } from "./contrast.ts";
import { twoSidedNormal } from "./normal.ts";

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

/**
 * A share with Wilson's score interval (1927): all p with |share - p| <= z sqrt(p (1 - p) / n). It
 * holds the share as often as it says on average over shares, and is narrower than the exact one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { low, high } = wilsonShare(9, 10)(0.95);
 * assertEquals([low.toFixed(4), high.toFixed(4)], ["0.5958", "0.9821"]);
 * ```
 *
 * @throws {RangeError} if these are no counts.
 */
export function wilsonShare(successes: number, n: number): Contrast {
  checkShare(successes, n);
  const value = successes / n;
  return (confidence) => {
    const z = twoSidedNormal(confidence);
    const weight = 1 + z * z / n;
    const middle = (value + z * z / (2 * n)) / weight;
    const reach = z / weight * Math.sqrt(value * (1 - value) / n + z * z / (4 * n * n));
    return {
      value,
      low: successes === 0 ? 0 : middle - reach,
      high: successes === n ? 1 : middle + reach,
    };
  };
}
