/**
 * Intervals of contrasts, and of the smallest or largest of several: what a claim like "more in late
 * layers than in any other" comes down to.
 *
 * @module
 */
import { bootstrapMeans, type BootstrapOptions } from "./bootstrap.ts";
import type { Column } from "./columns.ts";
import { studentQuantile } from "./student_t.ts";

/** Share of intervals that hold what they estimate. */
export const CONFIDENCE = 0.95;

/** A value and its interval. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

/** A number with an interval for any confidence. */
export type Contrast = (confidence: number) => Interval;

/** How samples are drawn again. */
export type Resampling = Pick<BootstrapOptions, "seed" | "rounds">;

/**
 * The mean over samples, with its percentile bootstrap interval (Efron, 1979). Columns of the same
 * samples are drawn alike: a column of differences gives a paired interval.
 */
export function meanContrast(column: Column, resampling: Resampling): Contrast {
  return (confidence) => {
    const [{ mean, low, high }] = bootstrapMeans([column], { ...resampling, confidence });
    if (mean === null) throw new RangeError("Cannot estimate a mean of no samples");
    return { value: mean, low: low!, high: high! };
  };
}

function moments(values: readonly number[]): { mean: number; squaredError: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, squaredError: squares / (values.length - 1) / values.length };
}

function studentInterval(
  { value, error, freedom }: { value: number; error: number; freedom: number },
  confidence: number,
): Interval {
  const reach = error > 0 ? studentQuantile((1 + confidence) / 2, freedom) * error : 0;
  return { value, low: value - reach, high: value + reach };
}

/** The mean of few values, with Student's interval. @throws {RangeError} for fewer than two. */
export function fewMean(values: readonly number[]): Contrast {
  checkCount(values);
  const { mean, squaredError } = moments(values);
  const at = { value: mean, error: Math.sqrt(squaredError), freedom: values.length - 1 };
  return (confidence) => studentInterval(at, confidence);
}

/**
 * The mean of few values less that of few others, with Welch's interval (1947): the two may spread
 * differently.
 *
 * @throws {RangeError} for fewer than two values on a side.
 */
export function fewDifference(a: readonly number[], b: readonly number[]): Contrast {
  checkCount(a);
  checkCount(b);
  const [left, right] = [moments(a), moments(b)];
  const squared = left.squaredError + right.squaredError;
  const freedom = squared ** 2 /
    (left.squaredError ** 2 / (a.length - 1) + right.squaredError ** 2 / (b.length - 1));
  const at = { value: left.mean - right.mean, error: Math.sqrt(squared), freedom };
  return (confidence) => studentInterval(at, confidence);
}

function checkCount(values: readonly number[]) {
  if (values.length < 2) {
    throw new RangeError(`Cannot tell the spread of ${values.length} values: give two or more`);
  }
}

const tighter = (count: number) => 1 - (1 - CONFIDENCE) / count;

/**
 * The smallest of several contrasts. It is above 0 only if all are: so its lower end is the smallest
 * of theirs (intersection-union test; Berger, 1982). It is below 0 if any is: so its upper end is the
 * smallest of theirs at a confidence corrected for their number (Bonferroni).
 */
export function smallest(contrasts: readonly Contrast[]): Interval {
  const all = contrasts.map((contrast) => contrast(CONFIDENCE));
  const strict = contrasts.map((contrast) => contrast(tighter(contrasts.length)));
  return {
    value: Math.min(...all.map(({ value }) => value)),
    low: Math.min(...all.map(({ low }) => low)),
    high: Math.min(...strict.map(({ high }) => high)),
  };
}

/** The largest of several contrasts: {@linkcode smallest} with all signs turned. */
export function largest(contrasts: readonly Contrast[]): Interval {
  const turned = contrasts.map((contrast): Contrast => (confidence) => {
    const { value, low, high } = contrast(confidence);
    return { value: -value, low: -high, high: -low };
  });
  const { value, low, high } = smallest(turned);
  return { value: -value, low: -high, high: -low };
}
