/**
 * The generator behind numpy's legacy `RandomState`.
 *
 * @module
 */

const SIZE = 624;
const OFFSET = 397;

/**
 * MT19937 (Matsumoto and Nishimura, 1998), seeded by `init_genrand`, as `numpy.random.RandomState`
 * does for a whole number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * // numpy.random.RandomState(123).randint(2**32, dtype="uint32")
 * assertEquals(new MersenneTwister(123).uint32(), 2991312382);
 * ```
 */
export class MersenneTwister {
  readonly #state = new Uint32Array(SIZE);
  #next = SIZE;

  /**
   * @param seed A whole number from 0 to 2^32 - 1.
   * @throws {RangeError} if `seed` is anything else.
   */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
      throw new RangeError(
        `Cannot seed a generator with ${seed}: a whole number from 0 to 4294967295 is needed`,
      );
    }
    this.#state[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const previous = this.#state[i - 1];
      this.#state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** The next 32 random bits, as a whole number from 0 to 2^32 - 1. */
  uint32(): number {
    if (this.#next === SIZE) this.#refill();
    let y = this.#state[this.#next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /**
   * A whole number from 0 to `max`, each as likely: bits under the smallest mask of ones that
   * covers `max`, drawn again while they exceed it. This is numpy's legacy `random_interval`; any
   * other way to bound a draw would give other samples.
   *
   * @param max A whole number from 0 to 2^32 - 1.
   */
  upTo(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    let value: number;
    do value = (this.uint32() & mask) >>> 0; while (value > max);
    return value;
  }

  #refill(): void {
    const state = this.#state;
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
      state[i] = state[(i + OFFSET) % SIZE] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}
