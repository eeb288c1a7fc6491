/**
 * The normal distribution.
 *
 * @module
 */
import { crossing } from "./crossing.ts";

/** P(Z > z) of a standard normal. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  if (z > 3) {
    // Laplace's continued fraction, from its far end.
    let fraction = z;
    for (let k = 100; k > 0; k--) fraction = z + k / fraction;
    return density / fraction;
  }
  // 1/2 + density * (z + z^3 / 3 + z^5 / (3 * 5) + ...) lies below z.
  let sum = 0;
  for (let k = 1, term = z; sum + term !== sum; k += 2, term *= z * z / k) sum += term;
  return 0.5 - density * sum;
}

/** The z that a standard normal exceeds in either direction with a chance of 1 - `confidence`. */
export function twoSidedNormal(confidence: number): number {
  // The logarithm of the tail is nearly a parabola, and the tail at most exp(-z * z / 2) / 2.
  const tail = (1 - confidence) / 2;
  return crossing((z) => Math.log(normalTail(z) / tail), [0, Math.sqrt(-2 * Math.log(2 * tail))]);
}
