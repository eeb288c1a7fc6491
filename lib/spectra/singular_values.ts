/**
 * All singular values of a matrix, and the leading vectors.
 *
 * @module
 */
import { type GramOptions, GramProduct } from "./gram_matrix.ts";
import { placesByNorm, squaredNorms } from "./squared_norms.ts";
import { SymmetricEigenSolver } from "./symmetric_eigenvalues.ts";
import type { StopSignal } from "../worker_pool.ts";

/** What a {@linkcode SingularValueSolver} finds. */
export interface SingularValues {
  /** All min(rows, columns) singular values, descending. */
  values: Float64Array;
  /**
   * Absolute error that a singular value has at most: those below it are not told from zero. Values
   * above it are more accurate: within errorFloor^2 / (2 value).
   */
  errorFloor: number;
  /** Frobenius norm of the matrix, from its elements. */
  froNorm: number;
  /** Self-check: |sum of squared singular values - froNorm^2| / froNorm^2; 0 for a zero matrix. */
  sumOfSquaresError: number;
  /** Of the largest values, if any were wanted. */
  vectors: SingularVectors;
}

/** Leading singular vectors, as orthonormal columns. */
export interface SingularVectors {
  count: number;
  /** rows x count, row-major: directions in which the matrix writes. */
  left: Float64Array;
  /** columns x count, row-major: directions that it reads. */
  right: Float64Array;
}

/** Options of {@linkcode SingularValueSolver.singularValues}. */
export interface SolveOptions {
  /**
   * How many of the leading vectors are wanted, by the values; default none. Those of values below
   * 1e-5 of the largest are not accurate.
   */
  vectors?: (values: Float64Array) => number;
  /** Stops between panels. */
  signal?: StopSignal;
}

/** Options of {@linkcode SingularValueSolver}. */
export interface SingularValuesOptions {
  /** Threads of the matrix products, default the number of cores. */
  threads?: number;
  /** Largest smaller side that is reduced in one stage instead of two; default 640, by measurement. */
  denseOrder?: number;
}

/**
 * Eigenvalues of the Gram matrix are off by at most this times the largest. Measured: 5e-16 at worst
 * in tens of thousands of small matrices made to be hard, 1e-16 on graded, clustered, low-rank and
 * random spectra up to order 3584.
 */
const EIGENVALUE_ERROR = 4 * Number.EPSILON;

/**
 * Computes all singular values of f32 matrices in f64, with the same sessions: the square roots of
 * the eigenvalues of the Gram matrix, computed in f64 from the exact f32 elements.
 *
 * Squaring halves the digits of the smallest values: a value s is off by at most
 * errorFloor^2 / (2 s) = 4.4e-16 s_max^2 / s, in practice by a tenth of that, and at most by
 * errorFloor = 3e-8 s_max. So values above 1e-5 of the largest agree with an f64 SVD within 1e-6
 * relative, and all are closer than an f32 SVD gets, whose error is near 1e-7 s_max throughout.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const solver = new SingularValueSolver({ threads: 1 });
 * try {
 *   const { values } = await solver.singularValues(Float32Array.of(3, 0, 4, 0, 1, 0), [2, 3]);
 *   assertAlmostEquals(values[0], 5);
 * } finally {
 *   await solver.release();
 * }
 * ```
 */
export class SingularValueSolver {
  readonly #gram: GramProduct;
  readonly #eigen: SymmetricEigenSolver;
  #busy = false;

  /** Nothing is loaded before the first matrix. */
  constructor(options: SingularValuesOptions = {}) {
    const { threads = navigator.hardwareConcurrency, denseOrder } = options;
    if (!Number.isInteger(threads) || threads < 1) {
      throw new RangeError(`Cannot compute with ${threads} threads: give a whole number from 1`);
    }
    this.#gram = new GramProduct({ threads });
    this.#eigen = new SymmetricEigenSolver({ threads, denseOrder });
  }

  /**
   * One matrix; the next one when it is done.
   *
   * @param matrix Row-major, rows x columns; any finite f32, without scaling.
   * @param shape [rows, columns], both at least 1.
   * @throws {RangeError} if the shape does not fit the data, or an element is NaN or infinite (named
   * by its index).
   */
  async singularValues(
    matrix: Float32Array,
    shape: [number, number],
    options: SolveOptions = {},
  ): Promise<SingularValues> {
    checkShape(matrix, shape);
    if (this.#busy) {
      throw new Error("Cannot begin a matrix: the solver has one in work; await that, or use two");
    }
    this.#busy = true;
    try {
      return await this.#solve(matrix, shape, options);
    } finally {
      this.#busy = false;
    }
  }

  async #solve(
    matrix: Float32Array,
    shape: [number, number],
    { vectors: wanted, signal }: SolveOptions,
  ): Promise<SingularValues> {
    const order = Math.min(...shape);
    const norms = squaredNorms(matrix, shape);
    const sumOfSquares = norms.reduce((total, norm) => total + norm, 0);
    if (!Number.isFinite(sumOfSquares)) throw notFinite(matrix, shape);
    const offsets = this.#eigen.blockOffsets(order, wanted !== undefined);
    const places = placesByNorm(norms);
    const gram = await this.#gram.gram(matrix, { shape, offsets, places, signal });
    // Rounding takes eigenvalues of a singular Gram matrix below zero.
    const positive = (values: Float64Array) => values.map((value) => Math.max(0, value));
    const eigen = await this.#eigen.decompose(gram, order, {
      vectors: wanted && ((values) => wanted(positive(values).map(Math.sqrt))),
      signal,
    });
    const squares = positive(eigen.values);
    const values = squares.map(Math.sqrt);
    const sum = squares.reduce((total, square) => total + square, 0);
    const { count } = eigen.vectors;
    const own = inOrderOf(places, eigen.vectors);
    const other = await this.#otherVectors(matrix, values, eigen.vectors, {
      shape,
      places,
      signal,
    });
    const [left, right] = shape[0] <= shape[1] ? [own, other] : [other, own];
    return {
      values,
      errorFloor: Math.sqrt(EIGENVALUE_ERROR * squares[0]),
      froNorm: Math.sqrt(sumOfSquares),
      sumOfSquaresError: sumOfSquares === 0 ? 0 : Math.abs(sum - sumOfSquares) / sumOfSquares,
      vectors: { count, left, right },
    };
  }

  /** Vectors of the larger side: the matrix times those of the smaller one, over the values. */
  async #otherVectors(
    matrix: Float32Array,
    values: Float64Array,
    vectors: { data: Float64Array; count: number },
    options: Omit<GramOptions, "offsets">,
  ): Promise<Float64Array> {
    if (vectors.count === 0) return new Float64Array(0);
    const products = await this.#gram.timesVectors(matrix, vectors, options);
    return products.map((product, at) => product / values[at % vectors.count]);
  }

  /** Releases the sessions; the solver can be used again and then builds new ones. */
  async release(): Promise<void> {
    await this.#gram.release();
    await this.#eigen.release();
  }
}

/** Rows where they stand in the matrix: row i stood at places[i]. */
function inOrderOf(
  places: Uint32Array,
  { data, count }: { data: Float64Array; count: number },
): Float64Array {
  const rows = new Float64Array(data.length);
  if (count === 0) return rows;
  places.forEach((place, i) =>
    rows.set(data.subarray(place * count, (place + 1) * count), i * count)
  );
  return rows;
}

function checkShape(matrix: Float32Array, shape: [number, number]): void {
  const [rows, columns] = shape;
  const valid = shape.length === 2 && shape.every((n) => Number.isInteger(n) && n >= 1);
  if (!valid || rows * columns !== matrix.length) {
    throw new RangeError(
      `Cannot compute singular values: ${matrix.length} elements are not a matrix of shape ` +
        `[${shape.join(", ")}]`,
    );
  }
}

function notFinite(matrix: Float32Array, [, columns]: [number, number]): RangeError {
  const index = matrix.findIndex((value) => !Number.isFinite(value));
  return new RangeError(
    `Cannot compute singular values: element ${index} (row ${Math.floor(index / columns)}, ` +
      `column ${index % columns}) is ${matrix[index]}`,
  );
}
