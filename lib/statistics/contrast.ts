/**
 * Intervals of contrasts, and of the smallest or largest of several: what a claim like "more in late
 * layers than in any other" comes down to.
 *
 * @module
 */
import { crossing } from "./crossing.ts";

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

/**
 * The chance of a value as far from 0 or farther if it is 0 in truth: 1 less the largest confidence at
 * which the interval leaves out 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * // Leaves out 0 up to a confidence of 96 %.
 * const contrast = (confidence: number) => ({ value: 1, low: 0.96 - confidence, high: 2 });
 * assertEquals(pValue(contrast).toFixed(4), "0.0400");
 * ```
 */
export function pValue(contrast: Contrast): number {
  const distance = (confidence: number) => {
    const { low, high } = contrast(confidence);
    return Math.max(low, -high);
  };
  return 1 - crossing(distance, [0, 1]);
}

const tighter = (confidence: number, count: number) => 1 - (1 - confidence) / count;

/**
 * The smallest of several contrasts. It is above 0 only if all are: so its lower end is the smallest
 * of theirs (intersection-union test; Berger, 1982). It is below 0 if any is: so its upper end is the
 * smallest of theirs at a confidence corrected for their number (Bonferroni).
 */
export function smallest(contrasts: readonly Contrast[]): Contrast {
  return (confidence) => {
    const all = contrasts.map((contrast) => contrast(confidence));
    const strict = contrasts.map((contrast) => contrast(tighter(confidence, contrasts.length)));
    return {
      value: Math.min(...all.map(({ value }) => value)),
      low: Math.min(...all.map(({ low }) => low)),
      high: Math.min(...strict.map(({ high }) => high)),
    };
  };
}

/** A contrast with its sign turned. */
export function opposite(contrast: Contrast): Contrast {
  return (confidence) => {
    const { value, low, high } = contrast(confidence);
    return { value: -value, low: -high, high: -low };
  };
}

/** The largest of several contrasts: {@linkcode smallest} with all signs turned. */
export function largest(contrasts: readonly Contrast[]): Contrast {
  return opposite(smallest(contrasts.map(opposite)));
}
