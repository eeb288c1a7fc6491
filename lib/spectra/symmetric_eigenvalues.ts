/**
 * Eigenvalues of symmetric matrices, without vectors.
 *
 * @module
 */
import { reduceToBand } from "./band_reduction.ts";
import {
  type BandReductionSessions,
  createBandReductionSessions,
} from "./band_reduction_graphs.ts";
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

/**
 * Eigenvalues of symmetric f64 matrices by two stages: dense to band by block reflectors, of which
 * the products run in ONNX Runtime, then band to tridiagonal by bulge chasing in WebAssembly
 * (Bischof, Lang and Sun 2000), then QL. Small matrices go to tridiagonal form at once.
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
   * Blocks in which the solver takes a matrix. The order may be padded: rows and columns from
   * `order` to the last offset must be zero.
   */
  blockOffsets(order: number): number[] {
    if (order <= this.#denseOrder) return [0, order];
    const padded = Math.ceil(order / WIDTH) * WIDTH;
    const rows = Math.max(BLOCK_ROWS, Math.ceil(padded / MAX_BLOCKS / WIDTH) * WIDTH);
    return blockOffsets(padded, rows);
  }

  /**
   * Eigenvalues, descending, with errors of the order of 1e-16 times the largest in magnitude. Small
   * ones come out better if rows stand by ascending norm: the reduction begins with the last.
   *
   * @param matrix In blocks of {@linkcode blockOffsets}; used up.
   * @param order The order without padding.
   * @param signal Stops between panels of the reduction.
   */
  async eigenvalues(
    matrix: SymmetricTiles,
    order: number,
    signal?: StopSignal,
  ): Promise<Float64Array> {
    this.#kernel ??= EigenKernel.create();
    const kernel = await this.#kernel;
    if (order <= this.#denseOrder) {
      return tridiagonalEigenvalues(kernel.tridiagonaliseDense(matrix.tiles[0][0], order));
    }
    const blocks = matrix.offsets.length - 1;
    let sessions = this.#sessions.get(blocks);
    if (sessions === undefined) {
      sessions = createBandReductionSessions(blocks, this.#threads);
      this.#sessions.set(blocks, sessions);
    }
    const parts = { kernel, sessions: await sessions, blocks, width: WIDTH, signal };
    const arrays = await reduceToBand(matrix, order, parts);
    return tridiagonalEigenvalues(kernel.tridiagonaliseBand(arrays));
  }

  /** Releases the sessions. */
  async release(): Promise<void> {
    for (const sessions of this.#sessions.values()) {
      for (const session of Object.values(await sessions)) await session.release();
    }
    this.#sessions.clear();
  }
}
