/**
 * The beta distribution, in which the tails of the binomial are written.
 *
 * @module
 */
import { crossing } from "./crossing.ts";

/** Lanczos' coefficients for g = 7. */
const LANCZOS = [
  0.99999999999980993,
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0 (Lanczos' approximation: 15 digits). */
function logGamma(x: number): number {
  let sum = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (x - 1 + i);
  const shifted = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(shifted) - shifted + Math.log(sum);
}

/** The continued fraction of the incomplete beta function, by Lentz' method. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const guard = (value: number) => Math.abs(value) < tiny ? tiny : value;
  let c = 1;
  let d = 1 / guard(1 - (a + b) * x / (a + 1));
  let fraction = d;
  for (let m = 1; m < 1000; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    let factor = 1;
    for (const term of [even, odd]) {
      d = 1 / guard(1 + term * d);
      c = guard(1 + term / c);
      factor = c * d;
      fraction *= factor;
    }
    if (Math.abs(factor - 1) < 1e-15) break;
  }
  return fraction;
}

/** Regularised incomplete beta function I_x(a, b): the share of the beta distribution below x. */
function incompleteBeta(a: number, b: number): (x: number) => number {
  const scale = logGamma(a + b) - logGamma(a) - logGamma(b);
  return (x) => {
    if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
    const front = Math.exp(scale + a * Math.log(x) + b * Math.log1p(-x));
    // The fraction converges fast on this side of the mean only.
    return x < (a + 1) / (a + b + 2)
      ? front * betaFraction(x, a, b) / a
      : 1 - front * betaFraction(1 - x, b, a) / b;
  };
}

/**
 * The x below which a share of the beta distribution lies.
 *
 * @param share Above 0, below 1.
 */
export function betaQuantile(share: number, a: number, b: number): number {
  const below = incompleteBeta(a, b);
  return crossing((x) => share - below(x), [0, 1]);
}

/** ln of the binomial's chance of k out of n, 0 < p < 1. */
function logBinomial(k: number, n: number, p: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * Math.log(p) +
    (n - k) * Math.log1p(-p);
}

/** The binomial's chance of k out of n, each with chance p from 0 to 1. */
export function binomialChance(k: number, n: number, p: number): number {
  if (p <= 0 || p >= 1) return k === (p <= 0 ? 0 : n) ? 1 : 0;
  return Math.exp(logBinomial(k, n, p));
}

/** The binomial's chance of k or more out of n, each with chance p from 0 to 1. */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0 || k > n) return k <= 0 ? 1 : 0;
  // The shorter tail is summed, each term from the one before: k or more, or n - k + 1 or more misses.
  if (k <= n * p) return 1 - binomialTail(n - k + 1, n, 1 - p);
  let term = binomialChance(k, n, p);
  let sum = 0;
  for (let i = k; i <= n && term > 1e-17 * sum; i++) {
    sum += term;
    term *= (n - i) / (i + 1) * p / (1 - p);
  }
  return sum;
}
