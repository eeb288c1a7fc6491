/**
 * Differences between two measurements of the same samples: their intervals, and how small a
 * difference so many samples would have shown.
 *
 * @module
 */
import { type Column, less, mean } from "./columns.ts";
import { type Contrast, largest, opposite, smallest } from "./contrast.ts";
import { isConstant, meanContrast, standardError } from "./means.ts";
import { pairedShareDifference, smallestDifference } from "./paired_shares.ts";
import { studentQuantile } from "./student.ts";

/** A test's confidence, and the chance that it finds what is there. */
export interface Test {
  confidence: number;
  power: number;
}

/** A difference of which one knows how small it may be and still show. */
export interface Difference {
  contrast: Contrast;
  /** The smallest true difference that shows; null if even the largest possible would not. */
  visible: (test: Test) => number | null;
}

/**
 * The share of the first column's samples less the second's, with Tango's score interval, and the
 * smallest difference that would show if as many samples differ as do here.
 *
 * @param first 1 or 0 a sample.
 * @param second The same samples.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const first = Array.from({ length: 100 }, (_, i) => Number(i < 60));
 * const second = Array.from({ length: 100 }, (_, i) => Number(i < 40));
 * const { contrast, visible } = shareDifference(first, second);
 * assertEquals(contrast(0.95).value, 0.2);
 * assertEquals(visible({ confidence: 0.95, power: 0.8 })!.toFixed(2), "0.12");
 * ```
 */
export function shareDifference(first: Column, second: Column): Difference {
  const n = first.length;
  const onlyFirst = first.filter((value, i) => value > second[i]).length;
  const onlySecond = first.filter((value, i) => value < second[i]).length;
  const discordance = (onlyFirst + onlySecond) / n;
  return {
    contrast: pairedShareDifference({ n, onlyFirst, onlySecond }),
    visible: (test) => smallestDifference({ n, discordance, ...test }),
  };
}

/**
 * The mean of the first column less the second's, with its paired interval (Student's), and the smallest
 * difference that would show if the samples' differences spread as they do here. Where they do not at
 * all, it is that of the smallest share of samples that would show if each had the mean, or 1 if that is
 * 0, and the others nothing.
 */
export function meanDifference(first: Column, second: Column): Difference {
  const column = less(first, second);
  const n = column.length;
  return {
    contrast: meanContrast(column),
    visible: (test) => {
      if (isConstant(column)) {
        const share = smallestDifference({ n, discordance: 0, ...test });
        return share && share * Math.abs(mean(column) || 1);
      }
      const quantile = (confidence: number) => studentQuantile(confidence, n - 1);
      // One-sided: a power of 0.8 is exceeded by about 0.84 standard errors.
      return (quantile(test.confidence) + quantile(2 * test.power - 1)) * standardError(column);
    },
  };
}

/** The larger of what the differences show, or null if one shows nothing. */
function most(differences: readonly Difference[], test: Test): number | null {
  const all = differences.map(({ visible }) => visible(test));
  return all.includes(null) ? null : Math.max(...all as number[]);
}

/** The smallest of several differences; it shows only if all of them do. */
export function smallestOf(differences: readonly Difference[]): Difference {
  const { length } = differences;
  return {
    contrast: smallest(differences.map(({ contrast }) => contrast)),
    // Each is missed in at most its part of the cases, whatever they have to do with each other.
    visible: ({ confidence, power }) =>
      most(differences, { confidence, power: 1 - (1 - power) / length }),
  };
}

/** The largest of several differences, corrected for their number; any one may show. */
export function largestOf(differences: readonly Difference[]): Difference {
  return {
    contrast: largest(differences.map(({ contrast }) => contrast)),
    visible: ({ confidence, power }) =>
      most(differences, { confidence: 1 - (1 - confidence) / differences.length, power }),
  };
}

/** The second less the first. */
export function turned({ contrast, visible }: Difference): Difference {
  return { contrast: opposite(contrast), visible };
}
