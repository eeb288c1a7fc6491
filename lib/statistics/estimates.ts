/**
 * Means of marks, with the intervals of shares and not of a bootstrap: these have a width where all
 * samples agree, and hold what they estimate.
 *
 * @module
 */
import type { Estimate } from "./bootstrap.ts";
import { CONFIDENCE, type Contrast } from "./contrast.ts";
import { pairedShareDifference } from "./paired_shares.ts";
import { exactShare } from "./shares.ts";

/** A value or none, sample by sample. */
type Marks = readonly (number | null)[];

function estimateOf(n: number, contrast: () => Contrast): Estimate {
  if (n === 0) return { n, mean: null, low: null, high: null };
  const { value, low, high } = contrast()(CONFIDENCE);
  return { n, mean: value, low, high };
}

function counter(marks: Marks, allowed: readonly number[]): (mark: number) => number {
  const wrong = marks.find((mark) => mark !== null && !allowed.includes(mark));
  if (wrong !== undefined) {
    throw new RangeError(`Cannot count ${wrong}: marks are ${allowed.join(", ")} or null`);
  }
  return (wanted) => marks.filter((mark) => mark === wanted).length;
}

/**
 * The share of the samples marked 1 of those marked 1 or 0, with its exact 95 % interval (see
 * {@linkcode exactShare}).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { n, mean, low } = shareEstimate([1, 1, null, 1]);
 * assertEquals([n, mean, low!.toFixed(4)], [3, 1, "0.2924"]);
 * ```
 *
 * @throws {RangeError} if a mark is something else.
 */
export function shareEstimate(marks: Marks): Estimate {
  const count = counter(marks, [0, 1]);
  const n = count(0) + count(1);
  return estimateOf(n, () => exactShare(count(1), n));
}

/**
 * The difference of two shares of the same samples, given sample by sample as the first's mark less
 * the second's, with its 95 % score interval (see {@linkcode pairedShareDifference}).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { n, mean, low, high } = differenceEstimate([1, -1, 1, null, 0, 1]);
 * assertEquals([n, mean, low! < 0, high! < 1], [5, 0.4, true, true]);
 * ```
 *
 * @throws {RangeError} if a mark is not 1, 0, -1 or null.
 */
export function differenceEstimate(marks: Marks): Estimate {
  const count = counter(marks, [-1, 0, 1]);
  const [onlyFirst, onlySecond] = [count(1), count(-1)];
  const n = onlyFirst + onlySecond + count(0);
  return estimateOf(n, () => pairedShareDifference({ n, onlyFirst, onlySecond }));
}
