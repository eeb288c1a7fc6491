/**
 * Symmetric matrix to band matrix: the half of an eigenvalue solver that is matrix products.
 *
 * @module
 */
import type { Tensor } from "onnxruntime-node";
import type { BandReductionSessions } from "./band_reduction_graphs.ts";
import { type BlockReflector, compactFactor, halfCorrection } from "./block_reflector.ts";
import type { BandArrays, EigenKernel } from "./eigen_kernel.ts";
import { matrixData, matrixTensor } from "./ort_graph.ts";
import { blockRows, type SymmetricTiles } from "./symmetric_tiles.ts";
import type { StopSignal } from "../worker_pool.ts";

type Feeds = Record<string, Tensor>;

const EMPTY = new Float64Array(0);

/** What a reduction works with. */
export interface BandReductionParts {
  kernel: EigenKernel;
  sessions: BandReductionSessions;
  /** Blocks that the sessions were built for, at least those of the matrix. */
  blocks: number;
  /** Subdiagonals of the result; divides every block's rows. */
  width: number;
  /** Takes each panel's reflectors, for eigenvectors. */
  keep?: (reflector: BlockReflector) => void;
  /** Stops between panels. */
  signal?: StopSignal;
}

/** P = [V W]^T and Q = [W V]^T by blocks: what the matrix is still to lose, A - P^T Q. */
class PendingUpdate {
  /** Rows of P and Q in use: two for each reflector. */
  rows = 0;
  readonly #p: Float64Array[];
  readonly #q: Float64Array[];
  readonly #columns: number[];

  constructor(columns: number[], capacity: number) {
    this.#columns = columns;
    this.#p = columns.map((count) => new Float64Array(capacity * count));
    this.#q = columns.map((count) => new Float64Array(capacity * count));
  }

  /** Appends V^T (block i of it: columns `from` on of `v`, rows `stride` apart) and W^T. */
  append(i: number, v: { data: Float64Array; from: number; stride: number }, w: Float64Array) {
    const columns = this.#columns[i], width = columns === 0 ? 0 : w.length / columns;
    const first = this.rows * columns, second = first + w.length;
    for (let row = 0; row < width; row++) {
      const at = row * v.stride + v.from;
      const part = v.data.subarray(at, at + columns);
      this.#p[i].set(part, first + row * columns);
      this.#q[i].set(part, second + row * columns);
    }
    this.#p[i].set(w, second);
    this.#q[i].set(w, first);
  }

  p(i: number): Tensor {
    const columns = this.#columns[i];
    return matrixTensor(this.#p[i].subarray(0, this.rows * columns), this.rows, columns);
  }

  q(i: number): Tensor {
    const columns = this.#columns[i];
    return matrixTensor(this.#q[i].subarray(0, this.rows * columns), this.rows, columns);
  }

  /** Columns `from` to `from + width` of P's block i, for the rows of the next panel. */
  pColumns(i: number, from: number, width: number): Tensor {
    const columns = this.#columns[i];
    const part = new Float64Array(this.rows * width);
    for (let row = 0; row < this.rows; row++) {
      const at = row * columns + from;
      part.set(this.#p[i].subarray(at, at + width), row * width);
    }
    return matrixTensor(part, this.rows, width);
  }
}

/**
 * Reduces a symmetric matrix to a band matrix with the same eigenvalues, by block reflectors from
 * the last rows up. Within a block of rows the matrix itself stays as it is and products with it
 * are corrected by the vectors so far; it is updated once, when the block is done: outputs of ONNX
 * Runtime are copied, so large ones must be few.
 *
 * @param matrix Used up: its tiles are replaced as the reduction goes on. Zero from `order` on.
 * @returns The kernel's arrays with the band filled in, in reverse order and without padding.
 */
export async function reduceToBand(
  matrix: SymmetricTiles,
  order: number,
  parts: BandReductionParts,
): Promise<BandArrays> {
  const { offsets } = matrix;
  const padded = offsets[offsets.length - 1];
  const arrays = parts.kernel.bandArrays(order, padded, parts.width);
  for (let active = offsets.length - 1; active >= 1; active--) {
    const pending = await reduceBlock(matrix, active, parts, arrays);
    matrix.tiles.length = active - 1;
    if (active > 1) await applyUpdate(matrix, pending, parts);
  }
  return arrays;
}

/**
 * Applies reflectors to the columns of a matrix, the last one first: eigenvectors of the band matrix
 * become those of the matrix that was reduced.
 *
 * @param columns Row-major, with a row for each of the matrix; overwritten.
 */
export async function applyReflectors(
  reflectors: readonly BlockReflector[],
  columns: { data: Float64Array; count: number },
  { sessions, width, signal }: Pick<BandReductionParts, "sessions" | "width" | "signal">,
): Promise<void> {
  for (const { length, vectors, t } of reflectors.toReversed()) {
    signal?.throwIfAborted();
    const part = columns.data.subarray(0, length * columns.count);
    const reflected = await sessions.reflect.run({
      v: matrixTensor(vectors, width, length),
      t: matrixTensor(t, width, width),
      y: matrixTensor(part, length, columns.count),
    });
    part.set(matrixData(reflected, "reflected"));
  }
}

/** Reduces the rows of block `active - 1`, the last that is left. */
async function reduceBlock(
  { offsets, tiles }: SymmetricTiles,
  active: number,
  { kernel, sessions, blocks, width, keep, signal }: BandReductionParts,
  arrays: BandArrays,
): Promise<PendingUpdate> {
  const last = active - 1, from = offsets[last], stride = offsets[active];
  const columns = Array.from({ length: blocks }, (_, i) => i < active ? blockRows(offsets, i) : 0);
  const pending = new PendingUpdate(columns, 2 * columns[last]);
  const tileFeeds: Feeds = {}, vectorFeeds: Feeds = {};
  for (let i = 0; i < blocks; i++) {
    for (let j = 0; j <= i; j++) {
      const tile = i < active ? tiles[i][j] : EMPTY;
      tileFeeds[`a_${i}_${j}`] = matrixTensor(tile, columns[i], columns[j]);
    }
    const at = i < active ? offsets[i] * width : 0;
    const part = arrays.vectors.subarray(at, at + columns[i] * width);
    vectorFeeds[`v_${i}`] = matrixTensor(part, columns[i], width);
  }
  for (let row = columns[last] - width; row >= 0; row -= width) {
    signal?.throwIfAborted();
    const feeds: Feeds = { g: pending.pColumns(last, row, width) };
    for (let i = 0; i < blocks; i++) {
      const tile = i < active ? tiles[last][i] : EMPTY;
      const rows = tile.subarray(row * columns[i], (row + width) * columns[i]);
      feeds[`c_${i}`] = matrixTensor(rows, width, columns[i]);
      feeds[`q_${i}`] = pending.q(i);
    }
    arrays.panel.set(matrixData(await sessions.panel.run(feeds), "panel"));
    const length = from + row;
    keepDiagonalBlock(arrays, stride, length);
    if (length === 0) break;
    kernel.factorPanel(arrays, stride, length);
    keepSubdiagonalBlock(arrays, length);
    const productFeeds = { ...tileFeeds, ...vectorFeeds };
    for (let i = 0; i < blocks; i++) {
      productFeeds[`p_${i}`] = pending.p(i);
      productFeeds[`q_${i}`] = pending.q(i);
    }
    const products = await sessions.multiply.run(productFeeds);
    const t = compactFactor(arrays.tau, matrixData(products, "vv"));
    keep?.({ length, vectors: leadingColumns(arrays, stride, length), t });
    const m = halfCorrection(t, matrixData(products, "vx"), width);
    const wFeeds: Feeds = {
      ...vectorFeeds,
      t: matrixTensor(t, width, width),
      m: matrixTensor(m, width, width),
    };
    for (let i = 0; i < blocks; i++) wFeeds[`x_${i}`] = products[`x_${i}`] as Tensor;
    const w = await sessions.vectors.run(wFeeds);
    for (let i = 0; i < active; i++) {
      const data = matrixData(w, `w_${i}`);
      // Rows that are done with: V is zero there, and W must be.
      if (i === last) zeroColumns(data, columns[last], row);
      pending.append(i, { data: arrays.panel, from: offsets[i], stride }, data);
    }
    pending.rows += 2 * width;
  }
  return pending;
}

async function applyUpdate(
  { tiles }: SymmetricTiles,
  pending: PendingUpdate,
  { sessions, blocks }: BandReductionParts,
): Promise<void> {
  const feeds: Feeds = {};
  const none = matrixTensor(EMPTY, pending.rows, 0);
  for (let i = 0; i < blocks; i++) {
    feeds[`p_${i}`] = i < tiles.length ? pending.p(i) : none;
    feeds[`q_${i}`] = i < tiles.length ? pending.q(i) : none;
    for (let j = 0; j <= i; j++) {
      const rows = i < tiles.length ? feeds[`p_${i}`].dims[1] : 0;
      const columns = j < tiles.length ? feeds[`p_${j}`].dims[1] : 0;
      const tile = i < tiles.length ? tiles[i][j] : EMPTY;
      feeds[`a_${i}_${j}`] = matrixTensor(tile, rows, columns);
    }
  }
  const updated = await sessions.update.run(feeds);
  for (let i = 0; i < tiles.length; i++) {
    for (let j = 0; j <= i; j++) tiles[i][j] = matrixData(updated, `b_${i}_${j}`);
  }
}

/** Moves the panel's own square, rows and columns `length` on, to the band; zeroes the rest. */
function keepDiagonalBlock(arrays: BandArrays, stride: number, length: number): void {
  const { panel, tau } = arrays;
  const width = tau.length;
  for (let j = 0; j < width; j++) {
    for (let i = j; i < width; i++) {
      setBand(arrays, length + i, length + j, panel[i * stride + length + j]);
    }
  }
  for (let i = 0; i < width; i++) panel.fill(0, i * stride + length, (i + 1) * stride);
}

/** Moves the panel's triangle L to the band, above the square that was kept. */
function keepSubdiagonalBlock(arrays: BandArrays, length: number): void {
  const { lower, tau } = arrays;
  const width = tau.length;
  for (let j = 0; j < width; j++) {
    for (let i = j; i < width; i++) {
      setBand(arrays, length + j, length - width + i, lower[j * width + i]);
    }
  }
}

/**
 * Sets entry (i, j), i >= j, of the band in reverse order: the last panels take the largest
 * eigenvalues, and a bulge chase that begins with them spreads their rounding errors least.
 */
function setBand({ band, order, tau }: BandArrays, i: number, j: number, value: number): void {
  if (i < order) band[(order - 1 - i) * 2 * tau.length + i - j] = value;
}

/** The panel's vectors without the zeros behind them. */
function leadingColumns({ panel, tau }: BandArrays, stride: number, length: number): Float64Array {
  const copy = new Float64Array(tau.length * length);
  for (let i = 0; i < tau.length; i++) {
    copy.set(panel.subarray(i * stride, i * stride + length), i * length);
  }
  return copy;
}

function zeroColumns(matrix: Float64Array, columns: number, from: number): void {
  for (let at = from; at < matrix.length; at += columns) {
    matrix.fill(0, at, at + columns - from);
  }
}
