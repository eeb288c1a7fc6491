/**
 * The ratio of two means of the same samples, with its interval.
 *
 * @module
 */
import { type Column, mean } from "./columns.ts";
import type { Interval } from "./contrast.ts";
import { studentQuantile } from "./student.ts";

/**
 * The mean of the first column over that of the second, with Fieller's interval (1954): all ratios r
 * at which the mean of first - r second lies less than t standard errors from 0. Where no sample is off
 * the ratio, as many as 1 - tail^(1/n) may be, each by 1, without one of them among n.
 *
 * @returns Null where the second mean cannot be told from 0: every ratio is then possible.
 *
 * @example A model with three quarters of another's gain
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const gain = Array.from({ length: 100 }, (_, i) => Number(i < 40));
 * const part = Array.from({ length: 100 }, (_, i) => Number(i < 30));
 * const { value, low, high } = meanRatio(part, gain)!;
 * assertEquals([value, low, high].map((one) => one.toFixed(2)), ["0.75", "0.61", "0.89"]);
 * assertEquals(meanRatio(part, gain.map(() => 0)), null);
 * ```
 *
 * @throws {RangeError} if there are fewer than two samples.
 */
export function meanRatio(first: Column, second: Column, confidence = 0.95): Interval | null {
  const n = first.length;
  if (n < 2 || second.length !== n) {
    throw new RangeError(
      `Cannot give a ratio of ${n} and ${second.length} samples: the same two or more are needed`,
    );
  }
  const [a, b] = [mean(first), mean(second)];
  /** Covariance of two means. */
  const shared = (x: Column, y: Column) => {
    const [ofX, ofY] = [mean(x), mean(y)];
    return x.reduce((sum, value, i) => sum + (value - ofX) * (y[i] - ofY), 0) / (n - 1) / n;
  };
  const t2 = studentQuantile(confidence, n - 1) ** 2;
  // b^2 r^2 - 2 a b r + a^2 <= t^2 (var a - 2 r cov + r^2 var b), a parabola in r.
  const square = b * b - t2 * shared(second, second);
  if (square <= 0) return null;
  const linear = a * b - t2 * shared(first, second);
  const root = Math.sqrt(
    Math.max(0, linear * linear - square * (a * a - t2 * shared(first, first))),
  );
  const value = a / b;
  if (first.every((one, i) => one === value * second[i])) {
    const reach = (1 - ((1 - confidence) / 2) ** (1 / n)) / Math.abs(b);
    return { value, low: value - reach, high: value + reach };
  }
  return { value, low: (linear - root) / square, high: (linear + root) / square };
}
