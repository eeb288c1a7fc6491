/**
 * The small matrices of a block reflector.
 *
 * @module
 */

/** I - V T V^T, which acts on the first `length` rows; k reflectors. */
export interface BlockReflector {
  length: number;
  /** V^T: k x length. */
  vectors: Float64Array;
  /** k x k. */
  t: Float64Array;
}

/**
 * T of the compact form H[k-1] ... H[1] H[0] = I - V T V^T of reflectors H[i] = I - tau[i] v[i] v[i]^T
 * (Schreiber and Van Loan 1989, for reflectors made from the last to the first).
 *
 * @param tau Factors of the k reflectors, 0 for one that does nothing.
 * @param gram V^T V, k x k.
 * @returns k x k, lower triangular, row-major.
 */
export function compactFactor(tau: Float64Array, gram: Float64Array): Float64Array {
  const k = tau.length;
  const t = new Float64Array(k * k);
  for (let j = k - 1; j >= 0; j--) {
    t[j * k + j] = tau[j];
    for (let i = j + 1; i < k; i++) {
      let sum = 0;
      for (let l = j + 1; l <= i; l++) sum += t[i * k + l] * gram[l * k + j];
      t[i * k + j] = -tau[j] * sum;
    }
  }
  return t;
}

/**
 * M = T^T Z T / 2 with Z = V^T A V: with it, W = A V T - V M makes
 * (I - V T V^T)^T A (I - V T V^T) = A - V W^T - W V^T.
 */
export function halfCorrection(t: Float64Array, z: Float64Array, k: number): Float64Array {
  const zt = new Float64Array(k * k), m = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let l = 0; l < k; l++) {
      for (let j = 0; j <= l; j++) zt[i * k + j] += z[i * k + l] * t[l * k + j];
    }
  }
  for (let l = 0; l < k; l++) {
    for (let i = 0; i <= l; i++) {
      for (let j = 0; j < k; j++) m[i * k + j] += 0.5 * t[l * k + i] * zt[l * k + j];
    }
  }
  return m;
}
