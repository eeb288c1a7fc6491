/**
 * Quotients of whole numbers.
 *
 * @module
 */

/** A quotient of whole numbers, not reduced; the divisor is positive. */
export interface Rational {
  over: bigint;
  under: bigint;
}

/** Thrown where an expression has no value, or none that can be computed. */
export class NoValue extends Error {}

export function sameRational(a: Rational, b: Rational): boolean {
  return a.over * b.under === b.over * a.under;
}

export function integer(over: bigint): Rational {
  return { over, under: 1n };
}

export function bitLength(value: bigint): number {
  return value.toString(16).length * 4;
}

/** In lowest terms if that is cheap, with a positive divisor. */
export function reduced(over: bigint, under: bigint): Rational {
  if (under === 0n) throw new NoValue();
  if (under < 0n) return reduced(-over, -under);
  if (under === 1n || bitLength(over) + bitLength(under) > 4000) return { over, under };
  const divisor = gcd(over, under);
  return { over: over / divisor, under: under / divisor };
}

export function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}

export function floor({ over, under }: Rational): bigint {
  return over / under - (over % under < 0n ? 1n : 0n);
}
