/**
 * All singular values of a matrix, without vectors.
 *
 * @module
 */
import { GramProduct } from "./gram_matrix.ts";
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
   * One matrix; the next one when it is done. Stops where the signal says so.
   *
   * @param matrix Row-major, rows x columns; any finite f32, without scaling.
   * @param shape [rows, columns], both at least 1.
   * @throws {RangeError} if the shape does not fit the data, or an element is NaN or infinite (named
   * by its index).
   */
  async singularValues(
    matrix: Float32Array,
    shape: [number, number],
    signal?: StopSignal,
  ): Promise<SingularValues> {
    checkShape(matrix, shape);
    if (this.#busy) {
      throw new Error("Cannot begin a matrix: the solver has one in work; await that, or use two");
    }
    this.#busy = true;
    try {
      return await this.#solve(matrix, shape, signal);
    } finally {
      this.#busy = false;
    }
  }

  async #solve(
    matrix: Float32Array,
    shape: [number, number],
    signal?: StopSignal,
  ): Promise<SingularValues> {
    const order = Math.min(...shape);
    const norms = squaredNorms(matrix, shape);
    const sumOfSquares = norms.reduce((total, norm) => total + norm, 0);
    if (!Number.isFinite(sumOfSquares)) throw notFinite(matrix, shape);
    const offsets = this.#eigen.blockOffsets(order);
    const places = placesByNorm(norms);
    const gram = await this.#gram.gram(matrix, { shape, offsets, places, signal });
    const eigenvalues = await this.#eigen.eigenvalues(gram, order, signal);
    // Rounding takes eigenvalues of a singular Gram matrix below zero.
    const squares = eigenvalues.map((value) => Math.max(0, value));
    const sum = squares.reduce((total, square) => total + square, 0);
    return {
      values: squares.map(Math.sqrt),
      errorFloor: Math.sqrt(EIGENVALUE_ERROR * squares[0]),
      froNorm: Math.sqrt(sumOfSquares),
      sumOfSquaresError: sumOfSquares === 0 ? 0 : Math.abs(sum - sumOfSquares) / sumOfSquares,
    };
  }

  /** Releases the sessions; the solver can be used again and then builds new ones. */
  async release(): Promise<void> {
    await this.#gram.release();
    await this.#eigen.release();
  }
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
