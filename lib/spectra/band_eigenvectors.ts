/**
 * Eigenvectors of symmetric band matrices whose eigenvalues are known.
 *
 * @module
 */
import type { StopSignal } from "../worker_pool.ts";

/** A symmetric band matrix, as {@linkcode BandArrays} has it. */
export interface BandMatrix {
  order: number;
  /** Subdiagonals. */
  width: number;
  /** By columns of 2 * width from the diagonal down; the second half of a column is not read. */
  band: Float64Array;
}

/** Solves with one matrix; a random start is all but surely enough in two. */
const SOLVES = 3;
/** Largest residual of an eigenvector, over the largest eigenvalue in magnitude. */
const RESIDUAL = 1e-11;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Orthonormal eigenvectors by inverse iteration: solves with B - value I, each made orthogonal to
 * the vectors before, so that values may be as near to one another as they like. What they span is
 * off by about 1e-16 of the largest value over the gap to the next one.
 *
 * @param values Eigenvalues to find vectors of, neighbours beside each other, accurate to f64.
 * @returns values.length rows of `order` elements, of unit length.
 * @throws {Error} if an iteration does not converge: a value is no eigenvalue.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // [[2, 1], [1, 2]]: 3 has the eigenvector (1, 1) / sqrt(2).
 * const band = Float64Array.of(2, 1, 2, 0);
 * const [x, y] = bandEigenvectors({ order: 2, width: 1, band }, Float64Array.of(3));
 * assertAlmostEquals(Math.abs(x), Math.SQRT1_2);
 * assertAlmostEquals(x, y);
 * ```
 */
export function bandEigenvectors(
  matrix: BandMatrix,
  values: Float64Array,
  signal?: StopSignal,
): Float64Array {
  const { order } = matrix;
  const vectors = new Float64Array(values.length * order);
  // Gershgorin's bound is dear and the norm only sets what counts as zero.
  const scale = matrix.band.reduce((largest, entry) => Math.max(largest, Math.abs(entry)), 0);
  const factors = new BandFactors(matrix);
  values.forEach((value, k) => {
    signal?.throwIfAborted();
    factors.factor(value, scale * Number.EPSILON);
    const vector = vectors.subarray(k * order, (k + 1) * order);
    for (let i = 0; i < order; i++) vector[i] = ((i + 1) * (k + 1) * GOLDEN) % 1 - 0.5;
    orthonormalise(vectors, k, order);
    let length = 0;
    for (let solve = 0; solve < SOLVES; solve++) {
      factors.solve(vector);
      length = orthonormalise(vectors, k, order);
    }
    if (!(length * RESIDUAL * scale >= 1)) {
      throw new Error(
        `Eigenvector ${k} of a band matrix of order ${order} did not converge in ${SOLVES} steps: ` +
          `${value} is not an eigenvalue, or the matrix has elements that are not finite`,
      );
    }
  });
  return vectors;
}

/** Makes row `k` orthogonal to those before it and of unit length; returns its length before. */
function orthonormalise(rows: Float64Array, k: number, order: number): number {
  const row = rows.subarray(k * order, (k + 1) * order);
  const before = Math.sqrt(dot(row, row));
  scaleBy(row, 1 / before);
  // Twice is enough: what cancellation leaves after the first time is gone after the second.
  for (let pass = 0; pass < 2; pass++) {
    for (let other = 0; other < k; other++) {
      const unit = rows.subarray(other * order, (other + 1) * order);
      const along = dot(row, unit);
      for (let i = 0; i < order; i++) row[i] -= along * unit[i];
    }
    scaleBy(row, 1 / Math.sqrt(dot(row, row)));
  }
  return before;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function scaleBy(a: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i] *= factor;
}

/** LU factors of B - shift I with partial pivoting, made again for each shift in the same room. */
class BandFactors {
  readonly #matrix: BandMatrix;
  /** By columns of 3 * width + 1; the diagonal stands at 2 * width, what pivoting adds above. */
  readonly #lu: Float64Array;
  readonly #pivots: Int32Array;
  readonly #stride: number;

  constructor(matrix: BandMatrix) {
    this.#matrix = matrix;
    this.#stride = 3 * matrix.width + 1;
    this.#lu = new Float64Array(matrix.order * this.#stride);
    this.#pivots = new Int32Array(matrix.order);
  }

  #fill(shift: number): void {
    const { order, width, band } = this.#matrix;
    const lu = this.#lu.fill(0), stride = this.#stride;
    for (let j = 0; j < order; j++) {
      const below = Math.min(width, order - 1 - j);
      for (let d = 0; d <= below; d++) {
        const entry = band[j * 2 * width + d];
        lu[j * stride + 2 * width + d] = entry;
        lu[(j + d) * stride + 2 * width - d] = entry;
      }
      lu[j * stride + 2 * width] -= shift;
    }
  }

  /** @param tiny What stands for a pivot of zero. */
  factor(shift: number, tiny: number): void {
    this.#fill(shift);
    const { order, width } = this.#matrix;
    const lu = this.#lu, stride = this.#stride, diagonal = 2 * width;
    let reach = 0;
    for (let j = 0; j < order; j++) {
      const column = j * stride + diagonal, below = Math.min(width, order - 1 - j);
      let pivot = 0;
      for (let d = 1; d <= below; d++) {
        if (Math.abs(lu[column + d]) > Math.abs(lu[column + pivot])) pivot = d;
      }
      this.#pivots[j] = pivot;
      reach = Math.max(reach, Math.min(order - 1, j + pivot + width));
      if (lu[column + pivot] === 0) lu[column + pivot] = tiny;
      if (pivot > 0) swap(lu, column, column + pivot);
      const inverse = 1 / lu[column];
      for (let d = 1; d <= below; d++) lu[column + d] *= inverse;
      for (let c = j + 1; c <= reach; c++) {
        // Where row j stands in column c.
        const at = c * stride + diagonal - (c - j);
        if (pivot > 0) swap(lu, at, at + pivot);
        const factor = lu[at];
        if (factor === 0) continue;
        for (let d = 1; d <= below; d++) lu[at + d] -= factor * lu[column + d];
      }
    }
  }

  /** Replaces the vector by the solution. */
  solve(vector: Float64Array): void {
    const { order, width } = this.#matrix;
    const lu = this.#lu, stride = this.#stride, diagonal = 2 * width;
    for (let j = 0; j < order; j++) {
      const pivot = this.#pivots[j];
      if (pivot > 0) swap(vector, j, j + pivot);
      const value = vector[j], below = Math.min(width, order - 1 - j);
      for (let d = 1; d <= below; d++) vector[j + d] -= lu[j * stride + diagonal + d] * value;
    }
    for (let j = order - 1; j >= 0; j--) {
      const column = j * stride + diagonal, above = Math.min(2 * width, j);
      const value = vector[j] /= lu[column];
      for (let d = 1; d <= above; d++) vector[j - d] -= lu[column - d] * value;
    }
  }
}

function swap(a: Float64Array, i: number, j: number): void {
  const value = a[i];
  a[i] = a[j];
  a[j] = value;
}
