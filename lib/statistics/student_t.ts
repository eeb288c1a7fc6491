/**
 * Quantiles of Student's t distribution.
 *
 * @module
 */
import { incompleteBeta } from "./beta.ts";

/** P(T > t) for t >= 0. */
function upperTail(t: number, freedom: number): number {
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;
}

/**
 * The t below which a share of Student's distribution lies.
 *
 * @param share 0.5 to 1, the end excluded.
 * @param freedom Degrees of freedom, above 0; need not be whole.
 *
 * @example
 * ```ts
 * console.log(studentQuantile(0.975, 3).toFixed(3)); // 3.182
 * ```
 *
 * @throws {RangeError} for arguments out of range.
 */
export function studentQuantile(share: number, freedom: number): number {
  if (!(share >= 0.5 && share < 1) || !(freedom > 0)) {
    throw new RangeError(
      `Cannot give the ${share} quantile for ${freedom} degrees of freedom: a share from 0.5 to ` +
        "below 1, and a number above 0, are needed",
    );
  }
  let [low, high] = [0, 1];
  while (upperTail(high, freedom) > 1 - share) high *= 2;
  for (let i = 0; i < 100 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (upperTail(middle, freedom) > 1 - share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
