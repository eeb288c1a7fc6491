/**
 * Confidence intervals by resampling samples, the same resamples for every column: differences
 * between layers or models are paired.
 *
 * @module
 */
import { MersenneTwister } from "./mersenne_twister.ts";

/** Options of {@linkcode bootstrapMeans}. */
export interface BootstrapOptions {
  /** Seed of the resamples, default 0; equal seeds give equal intervals. */
  seed?: number;
  /** Number of resamples, default 2000. */
  rounds?: number;
  /** Share of resampled means inside of the interval, default 0.95. */
  confidence?: number;
}

/** A mean and its interval; null where no sample has a value. */
export interface Estimate {
  /** Samples that have a value. */
  n: number;
  mean: number | null;
  low: number | null;
  high: number | null;
}

const NONE: Estimate = { n: 0, mean: null, low: null, high: null };

/** The quantile of ascending values, linear between neighbours. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/** How often each of n samples is drawn in n draws. */
function drawCounts(generator: MersenneTwister, n: number): Uint32Array {
  const counts = new Uint32Array(n);
  for (let i = 0; i < n; i++) counts[generator.upTo(n - 1)]++;
  return counts;
}

/**
 * Means of columns and their percentile bootstrap intervals (Efron, 1979).
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 *
 * const [a, b] = bootstrapMeans([[0, 1, 1, 1], [1, 1, 1, 1]], { seed: 7 });
 * assertEquals([a.mean, b.mean, b.low, b.high], [0.75, 1, 1, 1]);
 * assert(a.low! >= 0 && a.low! < 0.75 && a.high === 1);
 * ```
 *
 * @param columns [columns][samples]; sample i is the same one in each. A null is left out of its
 * column, in the mean and in every resample.
 * @returns One estimate a column.
 * @throws {RangeError} if the columns differ in length, or an option is out of range.
 */
export function bootstrapMeans(
  columns: readonly (readonly (number | null)[])[],
  { seed = 0, rounds = 2000, confidence = 0.95 }: BootstrapOptions = {},
): Estimate[] {
  const n = columns[0]?.length ?? 0;
  const uneven = columns.find((column) => column.length !== n);
  if (uneven) {
    throw new RangeError(`Cannot pair samples: columns have ${n} and ${uneven.length} of them`);
  }
  if (!Number.isInteger(rounds) || rounds < 1 || !(confidence > 0 && confidence < 1)) {
    throw new RangeError(
      `Cannot resample ${rounds} times for an interval of ${confidence}: at least once, and a share ` +
        "between 0 and 1, are needed",
    );
  }
  if (n === 0) return columns.map(() => NONE);
  const generator = new MersenneTwister(seed);
  const means = columns.map(() => new Float64Array(rounds).fill(NaN));
  for (let round = 0; round < rounds; round++) {
    const counts = drawCounts(generator, n);
    columns.forEach((column, c) => {
      let sum = 0;
      let drawn = 0;
      for (let i = 0; i < n; i++) {
        const value = column[i];
        if (value === null) continue;
        sum += counts[i] * value;
        drawn += counts[i];
      }
      if (drawn > 0) means[c][round] = sum / drawn;
    });
  }
  return columns.map((column, c) => {
    const values = column.filter((value) => value !== null);
    if (values.length === 0) return NONE;
    // A resample may miss every sample that has a value; it says nothing of the mean.
    const sorted = means[c].filter((mean) => !Number.isNaN(mean)).sort();
    const tail = (1 - confidence) / 2;
    return {
      n: values.length,
      mean: values.reduce((a, b) => a + b, 0) / values.length,
      low: quantile(sorted, tail),
      high: quantile(sorted, 1 - tail),
    };
  });
}

/** The quantiles of a column's resampled means, drawn as {@linkcode bootstrapMeans} draws them. */
export function meanQuantiles(
  column: readonly number[],
  { seed = 0, rounds = 2000 }: Pick<BootstrapOptions, "seed" | "rounds"> = {},
): (share: number) => number {
  const generator = new MersenneTwister(seed);
  const means = Float64Array.from({ length: rounds }, () => {
    const counts = drawCounts(generator, column.length);
    return column.reduce((sum, value, i) => sum + counts[i] * value, 0) / column.length;
  }).sort();
  return (share) => quantile(means, share);
}
