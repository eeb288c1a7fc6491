/**
 * Eigenvalues of symmetric tridiagonal matrices.
 *
 * @module
 */
import type { Tridiagonal } from "./eigen_kernel.ts";

const EPSILON = Number.EPSILON / 2;
/** QL steps that one eigenvalue takes at most; two are usual. */
const MAX_STEPS = 60;

/**
 * All eigenvalues of a symmetric tridiagonal matrix, by the square-root free QL iteration of Pal,
 * Walker and Kahan (Parlett, The Symmetric Eigenvalue Problem, section 8.15). O(n^2); errors are of
 * the order of 1e-16 times the largest eigenvalue in magnitude.
 *
 * @returns Eigenvalues, descending.
 * @throws {Error} if an eigenvalue does not converge, as with elements that are not finite.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const [large, small] = tridiagonalEigenvalues({
 *   diagonal: Float64Array.of(2, 2),
 *   subdiagonal: Float64Array.of(1),
 * });
 * assertAlmostEquals(large, 3);
 * assertAlmostEquals(small, 1);
 * ```
 */
export function tridiagonalEigenvalues({ diagonal, subdiagonal }: Tridiagonal): Float64Array {
  const d = diagonal.slice();
  const squares = subdiagonal.map((e) => e * e);
  // QL works from the first row: it keeps small eigenvalues accurate if they stand there.
  if (Math.abs(d[0]) > Math.abs(d[d.length - 1])) {
    d.reverse();
    squares.reverse();
  }
  for (let first = 0; first < d.length; first++) {
    let steps = 0;
    for (;;) {
      let end = first;
      while (end < squares.length && !negligible(squares[end], d[end], d[end + 1])) end++;
      if (end < squares.length) squares[end] = 0;
      if (end === first) break;
      if (steps++ === MAX_STEPS) {
        throw new Error(
          `Eigenvalue ${first} of ${d.length} did not converge in ${MAX_STEPS} QL steps: ` +
            "the matrix has elements that are not finite",
        );
      }
      qlStep(d, squares, first, end);
    }
  }
  return d.sort().reverse();
}

function negligible(square: number, before: number, after: number): boolean {
  return square <= EPSILON * EPSILON * Math.abs(before * after);
}

/** The eigenvalue of the leading 2 x 2 matrix that is nearer to its first element. */
function shift(first: number, second: number, square: number): number {
  const half = (second - first) / 2;
  const root = Math.sqrt(half * half + square);
  return first - square / (half + (half < 0 ? -root : root));
}

/** One QL step with a shift on rows `first` to `end`; squares are of the subdiagonal. */
function qlStep(d: Float64Array, squares: Float64Array, first: number, end: number): void {
  const sigma = shift(d[first], d[first + 1], squares[first]);
  let cosine = 1, sine = 0;
  let gamma = d[end] - sigma;
  let p = gamma * gamma;
  for (let i = end - 1; i >= first; i--) {
    const square = squares[i];
    const r = p + square;
    if (i < end - 1) squares[i + 1] = sine * r;
    const before = cosine;
    cosine = p / r;
    sine = square / r;
    const gammaBefore = gamma;
    gamma = cosine * (d[i] - sigma) - sine * gammaBefore;
    d[i + 1] = gammaBefore + (d[i] - gamma);
    p = cosine === 0 ? before * square : gamma * gamma / cosine;
  }
  squares[first] = sine * p;
  d[first] = sigma + gamma;
}
