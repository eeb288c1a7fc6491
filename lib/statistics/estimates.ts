/**
 * Means of columns in which values may be missing, with their 95 % intervals.
 *
 * @module
 */
import { CONFIDENCE, type Contrast } from "./contrast.ts";
import { meanContrast } from "./means.ts";
import { pairedShareDifference } from "./paired_shares.ts";
import { exactShare } from "./shares.ts";

/** A mean and its interval; null where no sample has a value, the ends too where one alone has. */
export interface Estimate {
  /** Samples that have a value. */
  n: number;
  mean: number | null;
  low: number | null;
  high: number | null;
}

/** A value or none, sample by sample. */
type Values = readonly (number | null)[];

function estimateOf(n: number, contrast: () => Contrast): Estimate {
  if (n === 0) return { n, mean: null, low: null, high: null };
  const { value, low, high } = contrast()(CONFIDENCE);
  return { n, mean: value, low, high };
}

function counter(marks: Values, allowed: readonly number[]): (mark: number) => number {
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
export function shareEstimate(marks: Values): Estimate {
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
export function differenceEstimate(marks: Values): Estimate {
  const count = counter(marks, [-1, 0, 1]);
  const [onlyFirst, onlySecond] = [count(1), count(-1)];
  const n = onlyFirst + onlySecond + count(0);
  return estimateOf(n, () => pairedShareDifference({ n, onlyFirst, onlySecond }));
}

/**
 * The mean of the values that are there, with its 95 % interval (see {@linkcode meanContrast}).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { n, mean, low } = meanEstimate([0.25, null, 0.75]);
 * assertEquals([n, mean, low!.toFixed(2)], [2, 0.5, "-2.68"]);
 * assertEquals(meanEstimate([0.25, null]), { n: 1, mean: 0.25, low: null, high: null });
 * ```
 */
export function meanEstimate(values: Values): Estimate {
  const known = values.filter((value) => value !== null);
  const estimate = estimateOf(known.length, () => meanContrast(known));
  return known.length === 1 ? { ...estimate, low: null, high: null } : estimate;
}
