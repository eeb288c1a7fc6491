/**
 * Samples, intervals and tests: numpy's generator, the bootstrap, exact intervals and tests, power.
 * Nothing here knows models.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fewMean } from "./mod.ts";
 *
 * const { value, low, high } = fewMean([1, 2, 3])(0.95);
 * assertEquals([value, low.toFixed(2), high.toFixed(2)], [2, "-0.48", "4.48"]);
 * ```
 *
 * @module
 */
export { bootstrapMeans, type BootstrapOptions, type Estimate } from "./bootstrap.ts";
export { type Column, completeSamples, less, meanColumn } from "./columns.ts";
export {
  CONFIDENCE,
  type Contrast,
  fewDifference,
  fewMean,
  type Interval,
  largest,
  meanContrast,
  type Resampling,
  smallest,
} from "./contrast.ts";
export { type PowerOptions, smallestDifference } from "./paired_shares.ts";
export { shiftTest } from "./profile_shifts.ts";
export { exactShare } from "./shares.ts";
export { sampleIndices, type SampleOptions } from "./sampling.ts";
