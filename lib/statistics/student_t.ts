/**
 * Quantiles of Student's t distribution.
 *
 * @module
 */

/** ln Γ(x) for x > 0 (Lanczos' approximation, g = 7, 9 terms: 15 digits). */
function logGamma(x: number): number {
  const terms = [
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
  ];
  const at = x - 1;
  const sum = terms.reduce((total, term, i) => total + term / (at + i + 1), 0.99999999999980993);
  const shifted = at + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (at + 0.5) * Math.log(shifted) - shifted + Math.log(sum);
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

/** Regularised incomplete beta function I_x(a, b). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  // The fraction converges fast on this side of the mean only.
  return x < (a + 1) / (a + b + 2)
    ? front * betaFraction(x, a, b) / a
    : 1 - front * betaFraction(1 - x, b, a) / b;
}

/** P(T > t) for t >= 0. */
function upperTail(t: number, freedom: number): number {
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;
}

/**
 * The t below which a share of Student's distribution lies.
 *
 * @param share 0.5 to 1, the end excluded.
 * @param freedom Degrees of freedom, above 0; need not be whole.
 *
 * @example
 * ```ts
 * console.log(studentQuantile(0.975, 3).toFixed(3)); // 3.182
 * ```
 *
 * @throws {RangeError} for arguments out of range.
 */
export function studentQuantile(share: number, freedom: number): number {
  if (!(share >= 0.5 && share < 1) || !(freedom > 0)) {
    throw new RangeError(
      `Cannot give the ${share} quantile for ${freedom} degrees of freedom: a share from 0.5 to ` +
        "below 1, and a number above 0, are needed",
    );
  }
  let [low, high] = [0, 1];
  while (upperTail(high, freedom) > 1 - share) high *= 2;
  for (let i = 0; i < 100 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (upperTail(middle, freedom) > 1 - share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
