/**
 * Intervals of a share: how many of n samples are right, for example. Unlike those of means they have a
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
 * Wilson's score interval (1927) of a share: all p with |share - p| <= z sqrt(p (1 - p) / n). It holds
 * the share as often as it says on average over shares, and is narrower than the exact one.
 *
 * @param share From 0 to 1; n times it need not be whole.
 * @returns Its ends.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const ends = wilsonInterval(0.9, { n: 10, confidence: 0.95 });
 * assertEquals(ends.map((end) => end.toFixed(4)), ["0.5958", "0.9821"]);
 * ```
 */
export function wilsonInterval(
  share: number,
  { n, confidence }: { n: number; confidence: number },
): [number, number] {
  const z = twoSidedNormal(confidence);
  const weight = 1 + z * z / n;
  const middle = (share + z * z / (2 * n)) / weight;
  const reach = z / weight * Math.sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  return [share === 0 ? 0 : middle - reach, share === 1 ? 1 : middle + reach];
}
