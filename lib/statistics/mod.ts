/**
 * Samples, intervals and tests: numpy's generator, intervals and tests, power.
 * Nothing here knows models.
 *
 * Many names: each is a sampler, an interval, a test or what one of them takes; a caller needs one or
 * two.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { exactShare } from "./mod.ts";
 *
 * const { value, low, high } = exactShare(9, 10)(0.95);
 * assertEquals([value, low.toFixed(3), high.toFixed(3)], [0.9, "0.555", "0.997"]);
 * ```
 *
 * @module
 */
export { type Column, completeSamples, less, mean, meanColumn } from "./columns.ts";
export { CONFIDENCE, type Contrast, type Interval, pValue } from "./contrast.ts";
export {
  type Difference,
  largestOf,
  meanDifference,
  shareDifference,
  smallestOf,
  turned,
} from "./difference.ts";
export { differenceEstimate, type Estimate, meanEstimate, shareEstimate } from "./estimates.ts";
export { holm } from "./holm.ts";
export { meanContrast } from "./means.ts";
export { type PowerOptions, smallestDifference } from "./paired_shares.ts";
export { shiftedStatistics } from "./profile_shifts.ts";
export { exactMedian, precedence } from "./ranks.ts";
export { meanRatio } from "./ratio.ts";
export { exactShare } from "./shares.ts";
export { sampleIndices, type SampleOptions } from "./sampling.ts";
