/**
 * Which samples of a dataset are evaluated.
 *
 * @module
 */
import { MersenneTwister } from "./mersenne_twister.ts";

/** Options of {@linkcode sampleIndices}. */
export interface SampleOptions {
  /** How many to take; all of them if there are no more. */
  size: number;
  /** Seed, a whole number from 0 to 2^32 - 1; the paper uses 123. */
  seed: number;
}

/**
 * Indices of a random sample without replacement, ascending; the same, bit for bit, as
 * `sorted(numpy.random.RandomState(seed).choice(numpy.arange(n), size, replace=False))`, so that a
 * sample of 100 is the paper's 100.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const indices = sampleIndices(500, { size: 100, seed: 123 });
 * assertEquals(indices.slice(0, 5), [5, 9, 11, 13, 15]);
 * ```
 *
 * @param count How many there are to choose from.
 * @throws {RangeError} if `count` or `size` is not a whole number from 0 to 2^32 - 1, or the seed
 * is out of range.
 */
export function sampleIndices(count: number, { size, seed }: SampleOptions): number[] {
  for (const [name, value] of [["count", count], ["size", size]] as const) {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) {
      throw new RangeError(
        `Cannot take a sample: ${name} is ${value}, not a whole number from 0 to 4294967295`,
      );
    }
  }
  const generator = new MersenneTwister(seed);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  if (size >= count) return [...order];
  // numpy shuffles everything before it cuts, so a smaller sample is no prefix of the work.
  for (let i = count - 1; i > 0; i--) {
    const j = generator.upTo(i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return [...order.subarray(0, size).sort()];
}
