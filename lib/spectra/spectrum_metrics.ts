/**
 * What the diversity analysis reads off a spectrum.
 *
 * @module
 */
import type { SpectrumMetrics } from "./diversity_report.ts";

/** Guards against division by zero and log of zero, as in the original. */
const TINY = 1e-12;

/**
 * Metrics of a matrix with singular values sigma_1 >= sigma_2 >= ... (paper, "Update
 * Characterization"; constants as in the original code):
 *
 * - spectral_norm: sigma_1; nuclear_norm: sum sigma_i; fro_norm: sqrt(sum sigma_i^2)
 * - stable_rank: ||A||_F^2 / (sigma_1^2 + 1e-12)
 * - effective_rank: exp of the entropy of p_i = sigma_i / sum sigma, over sigma_i > 1e-12
 * - condition_number: sigma_1 / (sigma_n + 1e-12); 1 for a single value
 * - log_volume: sum over the top k of ln(sigma_i + 1e-12)
 * - singular_values: the top k
 *
 * @example
 * ```ts
 * const { stable_rank, effective_rank } = spectrumMetrics(new Float64Array([3, 3, 3]), 2);
 * console.log(stable_rank.toFixed(6), effective_rank.toFixed(6)); // 3.000000 3.000000
 * ```
 *
 * @param values Singular values, descending.
 * @param topk How many the volume and the list take.
 */
export function spectrumMetrics(values: Float64Array, topk: number): SpectrumMetrics {
  const top = values.subarray(0, topk);
  const largest = values.length > 0 ? values[0] : 0;
  const smallest = values.length > 0 ? values[values.length - 1] : 0;
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  let positive = 0;
  for (const value of values) if (value > TINY) positive += value;
  let entropy = 0;
  for (const value of values) {
    if (value > TINY) {
      const p = value / positive;
      entropy -= p * Math.log(p);
    }
  }
  let logVolume = 0;
  for (const value of top) logVolume += Math.log(value + TINY);
  return {
    spectral_norm: largest,
    nuclear_norm: sum,
    fro_norm: Math.sqrt(squares),
    stable_rank: squares / (largest * largest + TINY),
    effective_rank: positive > 0 ? Math.exp(entropy) : 0,
    condition_number: values.length > 1 ? largest / (smallest + TINY) : 1,
    log_volume: logVolume,
    singular_values: Array.from(top),
  };
}
