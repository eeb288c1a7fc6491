/**
 * Choosing a token from logits: the most likely, or a seeded draw at a temperature.
 *
 * @module
 */

import type { GenerationConfig } from "./generation_config.ts";

/** Chooses a token from one row's logits. */
export type Sampler = (logits: Float32Array) => number;

/** The index of the largest logit, the first of equals. */
const greedy: Sampler = (logits) => {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
};

/**
 * Numbers in [0, 1) from two 32-bit seeds: splitmix32 over their mixture.
 *
 * @throws {RangeError} if the seed is no whole number from 0 to 2^32 - 1: others would draw as one.
 */
export function uniform(seed: number, stream: number): () => number {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(
      `Cannot draw with seed ${seed}: a whole number from 0 to 4294967295 is needed`,
    );
  }
  const mix = (value: number) => {
    let z = value | 0;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let state = mix(mix(seed) + Math.imul(stream + 1, 0x9e3779b9));
  return () => mix(state = (state + 0x9e3779b9) | 0) / 4294967296;
}

/** Which tokens may be drawn; default: all. */
export type DrawingRules = Partial<Pick<GenerationConfig, "top_k" | "top_p" | "min_p">>;

/** Sets to 0 the weights of tokens that may not be drawn: by number, then by probability. */
function cut(weights: Float64Array, { top_k = 0, top_p = 1, min_p = 0 }: DrawingRules): void {
  if (top_k > 0 && top_k < weights.length) {
    const least = weights.toSorted()[weights.length - top_k];
    weights.forEach((weight, i) => weight < least && (weights[i] = 0));
  }
  if (top_p < 1) {
    const kept = [...weights.keys()].filter((i) => weights[i] > 0)
      .sort((a, b) => weights[b] - weights[a]);
    const all = kept.reduce((sum, i) => sum + weights[i], 0);
    let sum = 0;
    for (const i of kept) {
      if (sum >= top_p * all) weights[i] = 0;
      else sum += weights[i];
    }
  }
  // The likeliest token's weight is 1.
  weights.forEach((weight, i) => weight < min_p && (weights[i] = 0));
}

/**
 * A sampler for one row. Its draws depend on the seed and the row's number alone, not on what else
 * is in the batch.
 *
 * @param temperature 0 is greedy; otherwise tokens are drawn from softmax(logits / temperature).
 * @param options Seed, and the number of the row, default 0; which tokens may be drawn.
 * @throws {RangeError} if the temperature is negative or not a number, or the seed is none.
 */
export function createSampler(
  temperature: number,
  { seed = 0, row = 0, ...rules }: { seed?: number; row?: number } & DrawingRules = {},
): Sampler {
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new RangeError(`Cannot sample at temperature ${temperature}: it must be 0 or more`);
  }
  const next = uniform(seed, row);
  if (temperature === 0) return greedy;
  return (logits) => {
    const top = logits[greedy(logits)];
    const weights = Float64Array.from(logits, (logit) => Math.exp((logit - top) / temperature));
    cut(weights, rules);
    let left = next() * weights.reduce((sum, weight) => sum + weight, 0);
    for (let i = 0; i < weights.length; i++) {
      left -= weights[i];
      if (left < 0) return i;
    }
    return greedy(logits); // rounding left a crumb
  };
}
