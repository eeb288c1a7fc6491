/**
 * A seeded random source with the same numbers on every machine: sfc32, keyed by a text label.
 *
 * @module
 */

/** Draws from one seeded stream. */
export interface Random {
  /** An integer from `low` to `high`, both included, without modulo bias. */
  integer(low: number, high: number): number;
  /** One element of a non-empty list. */
  pick<T>(list: readonly T[]): T;
  /** `count` different elements, in random order. */
  sample<T>(list: readonly T[], count: number): T[];
  /** True with probability `numerator / denominator`. */
  chance(numerator: number, denominator: number): boolean;
}

const TWO_32 = 2 ** 32;

/** 32-bit FNV-1a hash of the UTF-8 bytes, started at `basis`. */
function hash(label: string, basis: number): number {
  let h = basis;
  for (const byte of new TextEncoder().encode(label)) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}

/** Small Fast Counter generator of C. Doty-Humphrey (PractRand), 32-bit words. */
function sfc32(label: string): () => number {
  let a = hash(label, 0x811c9dc5);
  let b = hash(label, 0x9e3779b9);
  let c = hash(label, 0x85ebca6b);
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}

/**
 * A random source for `label`: the same label gives the same numbers everywhere, and different
 * labels give unrelated streams.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const draw = () => createRandom("counting/7").sample([1, 2, 3, 4, 5], 3);
 * assertEquals(draw(), draw());
 * ```
 */
export function createRandom(label: string): Random {
  const next = sfc32(label);
  const below = (bound: number): number => {
    const limit = TWO_32 - TWO_32 % bound;
    let value = next();
    while (value >= limit) value = next();
    return value % bound;
  };
  return {
    integer: (low, high) => low + below(high - low + 1),
    pick: (list) => list[below(list.length)],
    sample(list, count) {
      if (count > list.length) {
        throw new RangeError(`Cannot draw ${count} different elements of ${list.length}.`);
      }
      const rest = [...list];
      for (let i = 0; i < count; i++) {
        const j = i + below(rest.length - i);
        [rest[i], rest[j]] = [rest[j], rest[i]];
      }
      return rest.slice(0, count);
    },
    chance: (numerator, denominator) => below(denominator) < numerator,
  };
}
