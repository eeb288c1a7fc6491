/**
 * Eigenvalues of symmetric matrices, and the leading vectors.
 *
 * @module
 */
import { bandEigenvectors } from "./band_eigenvectors.ts";
import { applyReflectors, reduceToBand } from "./band_reduction.ts";
import {
  type BandReductionSessions,
  createBandReductionSessions,
} from "./band_reduction_graphs.ts";
import type { BlockReflector } from "./block_reflector.ts";
import { EigenKernel } from "./eigen_kernel.ts";
import { blockOffsets, type SymmetricTiles } from "./symmetric_tiles.ts";
import { tridiagonalEigenvalues } from "./tridiagonal_eigenvalues.ts";
import type { StopSignal } from "../worker_pool.ts";

/** Subdiagonals of the band matrix: wide enough for matrix products, narrow for the bulge chase. */
const WIDTH = 32;
/** Up to this order one dense stage is faster than two: its half of the matrix stays in cache. */
const DENSE_ORDER = 640;
/** Rows of a block, unless that makes more blocks than MAX_BLOCKS. */
const BLOCK_ROWS = 256;
const MAX_BLOCKS = 16;

/** Options of {@linkcode SymmetricEigenSolver}. */
export interface SymmetricEigenOptions {
  /** Threads of the matrix products. */
  threads: number;
  /** Largest order that goes to tridiagonal form in one stage. */
  denseOrder?: number;
}

/** Options of {@linkcode SymmetricEigenSolver.decompose}. */
export interface DecomposeOptions {
  /** How many of the leading vectors are wanted, by the values; default none. */
  vectors?: (values: Float64Array) => number;
  /** Stops between panels of the reduction, and between vectors. */
  signal?: StopSignal;
}

/** Eigenvalues, and vectors if any were wanted. */
export interface Eigenpairs {
  /** Descending. */
  values: Float64Array;
  /** The leading vectors as columns, order x count, row-major; orthonormal. */
  vectors: { data: Float64Array; count: number };
}

/**
 * Eigenvalues of symmetric f64 matrices by two stages: dense to band by block reflectors, of which
 * the products run in ONNX Runtime, then band to tridiagonal by bulge chasing in WebAssembly
 * (Bischof, Lang and Sun 2000), then QL. Small matrices go to tridiagonal form at once, unless vectors
 * are wanted: those are found in band form, by inverse iteration, and reflected back.
 *
 * Sessions are built at the first matrix of a size and kept: release the solver when done.
 */
export class SymmetricEigenSolver {
  readonly #threads: number;
  readonly #denseOrder: number;
  readonly #sessions = new Map<number, Promise<BandReductionSessions>>();
  #kernel: Promise<EigenKernel> | undefined;

  /** Nothing is loaded before the first matrix. */
  constructor({ threads, denseOrder = DENSE_ORDER }: SymmetricEigenOptions) {
    this.#threads = threads;
    this.#denseOrder = denseOrder;
  }

  /**
   * Blocks in which the solver takes a matrix, of which vectors are wanted or not. The order may be
   * padded: rows and columns from `order` to the last offset must be zero.
   */
  blockOffsets(order: number, vectors = false): number[] {
    if (!vectors && order <= this.#denseOrder) return [0, order];
    const padded = Math.ceil(order / WIDTH) * WIDTH;
    const rows = Math.max(BLOCK_ROWS, Math.ceil(padded / MAX_BLOCKS / WIDTH) * WIDTH);
    return blockOffsets(padded, rows);
  }

  /**
   * Eigenvalues have errors of the order of 1e-16 times the largest in magnitude. Small ones come out
   * better if rows stand by ascending norm: the reduction begins with the last. The space of leading
   * vectors is off by such an error over the gap between the last one's value and the next.
   *
   * @param matrix In blocks of {@linkcode blockOffsets}; used up.
   * @param order The order without padding.
   */
  async decompose(
    matrix: SymmetricTiles,
    order: number,
    { vectors, signal }: DecomposeOptions = {},
  ): Promise<Eigenpairs> {
    this.#kernel ??= EigenKernel.create();
    const kernel = await this.#kernel;
    if (!vectors && order <= this.#denseOrder) {
      const values = tridiagonalEigenvalues(kernel.tridiagonaliseDense(matrix.tiles[0][0], order));
      return { values, vectors: { data: new Float64Array(0), count: 0 } };
    }
    const blocks = matrix.offsets.length - 1;
    let building = this.#sessions.get(blocks);
    if (building === undefined) {
      building = createBandReductionSessions(blocks, this.#threads);
      this.#sessions.set(blocks, building);
    }
    const sessions = await building;
    const reflectors: BlockReflector[] = [];
    const keep = vectors && ((reflector: BlockReflector) => reflectors.push(reflector));
    const parts = { kernel, sessions, blocks, width: WIDTH, keep, signal };
    const arrays = await reduceToBand(matrix, order, parts);
    const band = vectors && arrays.band.slice();
    const values = tridiagonalEigenvalues(kernel.tridiagonaliseBand(arrays));
    const count = vectors?.(values) ?? 0;
    const data = new Float64Array(order * count);
    if (band && count > 0) {
      const found = bandEigenvectors(
        { order, width: WIDTH, band },
        values.subarray(0, count),
        signal,
      );
      // The band is in reverse order.
      for (let k = 0; k < count; k++) {
        for (let i = 0; i < order; i++) data[i * count + k] = found[(k + 1) * order - 1 - i];
      }
      await applyReflectors(reflectors, { data, count }, parts);
    }
    return { values, vectors: { data, count } };
  }

  /** Releases the sessions. */
  async release(): Promise<void> {
    for (const sessions of this.#sessions.values()) {
      for (const session of Object.values(await sessions)) await session.release();
    }
    this.#sessions.clear();
  }
}
