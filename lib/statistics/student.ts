/**
 * Student's distribution.
 *
 * @module
 */
import { betaQuantile } from "./beta.ts";

/**
 * What the mean of n normal values, over its standard error, exceeds in either direction with a chance
 * of 1 - `confidence`.
 *
 * @param freedom n - 1; at least 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([9, 99].map((n) => studentQuantile(0.95, n).toFixed(3)), ["2.262", "1.984"]);
 * ```
 */
export function studentQuantile(confidence: number, freedom: number): number {
  // Of t squared over (t squared + freedom) and its complement, the one that is small is exact.
  if (confidence > 0.5) {
    const rest = betaQuantile(1 - confidence, freedom / 2, 1 / 2);
    return Math.sqrt(freedom * (1 - rest) / rest);
  }
  const part = betaQuantile(confidence, 1 / 2, freedom / 2);
  return Math.sqrt(freedom * part / (1 - part));
}
