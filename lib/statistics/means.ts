/**
 * Means of values that are no counts, such as shares of attention.
 *
 * @module
 */
import { type Column, mean } from "./columns.ts";
import type { Contrast } from "./contrast.ts";
import { studentQuantile } from "./student.ts";

/** The mean's standard error; 0 of a single value. */
export function standardError(column: Column): number {
  const [n, center] = [column.length, mean(column)];
  const squares = column.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return n < 2 ? 0 : Math.sqrt(squares / (n - 1) / n);
}

/** Whether there is no spread that could say how sure the mean is. */
export function isConstant(column: Column): boolean {
  return column.every((value) => value === column[0]);
}

/**
 * The mean over samples, with Student's interval (1908). A column of differences gives a paired one.
 * Only for values that are no counts: for those there are exact intervals.
 *
 * Samples that all agree have no spread. Their interval is the sign test's: of samples as many as
 * 1 - tail^(1/n) may be as far on the other side of 0 without one of them among n.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const ends = (column: number[]) => Object.values(meanContrast(column)(0.95)).map((x) => x.toFixed(2));
 * assertEquals(ends([1, 2, 3, 4, 5]), ["3.00", "1.04", "4.96"]);
 * assertEquals(ends(new Array(10).fill(1)), ["1.00", "0.38", "1.00"]);
 * ```
 *
 * @throws {RangeError} if there are no samples.
 */
export function meanContrast(column: Column): Contrast {
  const n = column.length;
  if (n === 0) throw new RangeError("Cannot estimate a mean of no samples");
  const [value, error] = [mean(column), standardError(column)];
  return (confidence) => {
    if (!isConstant(column)) {
      const reach = studentQuantile(confidence, n - 1) * error;
      return { value, low: value - reach, high: value + reach };
    }
    const inner = value * (2 * ((1 - confidence) / 2) ** (1 / n) - 1);
    return { value, low: Math.min(value, inner), high: Math.max(value, inner) };
  };
}
