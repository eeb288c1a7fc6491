/**
 * Gram matrices in f64, on the host whatever the machine has. GPUs have no f64 through WebGPU: on an
 * H100, f32 sums of a 3584 x 18944 matrix put singular values of a thousandth of the largest off by 1 %
 * and those below 6e-5 are noise; with sums of 128 terms the error is still 9e-8 of the largest. It
 * would save 0.3 s of 2.6: the eigenvalues take the rest.
 *
 * @module
 */
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { matrixData, matrixTensor, OrtGraph } from "./ort_graph.ts";
import { blockRows, type SymmetricTiles } from "./symmetric_tiles.ts";
import type { StopSignal } from "../worker_pool.ts";

/** 64 MB of f64. */
const CHUNK_ELEMENTS = 8 << 20;
const TRANSPOSE_ROWS = 8;

function gramGraph(blocks: number): OrtGraph {
  const graph = new OrtGraph();
  for (let i = 0; i < blocks; i++) {
    graph.input(`x_${i}`);
    for (let j = 0; j <= i; j++) {
      const [add, to] = [graph.input(`g_${i}_${j}`), `sum_${i}_${j}`];
      graph.output(graph.gemm(`x_${i}`, `x_${j}`, { add, transposeB: true, to }));
    }
  }
  return graph;
}

function crossGraph(): OrtGraph {
  const graph = new OrtGraph();
  const [x, v] = [graph.input("x"), graph.input("v")];
  graph.output(graph.gemm(x, v, { transposeA: true, to: "product" }));
  return graph;
}

/**
 * Writes columns `from` to `from + count` of the matrix (rows, if there are more of these) to
 * `chunk`: a row of `count` for each index of the smaller side, at its place.
 */
function copyChunk(
  matrix: Float32Array,
  { shape: [rows, columns], places }: Omit<GramOptions, "offsets">,
  { chunk, from, count }: { chunk: Float64Array; from: number; count: number },
): void {
  if (rows <= columns) {
    for (let i = 0; i < rows; i++) {
      const source = i * columns + from, target = places[i] * count;
      for (let k = 0; k < count; k++) chunk[target + k] = matrix[source + k];
    }
    return;
  }
  // Transposed a few rows at a time: a cache line of the result.
  for (let k = 0; k < count; k += TRANSPOSE_ROWS) {
    const end = Math.min(count, k + TRANSPOSE_ROWS);
    for (let j = 0; j < columns; j++) {
      const target = places[j] * count;
      for (let r = k; r < end; r++) chunk[target + r] = matrix[(from + r) * columns + j];
    }
  }
}

/** Options of {@linkcode GramProduct}. */
export interface GramProductOptions {
  /** Threads of the matrix products. */
  threads: number;
  /** Elements of the f64 copy that is made of a part of the matrix at a time; default 2^23. */
  chunkElements?: number;
}

/** Options of {@linkcode GramProduct.gram}. */
export interface GramOptions {
  /** [rows, columns] of the matrix. */
  shape: [number, number];
  /** Where the result's blocks begin, and its order; rows behind the smaller side are zero. */
  offsets: number[];
  /** The row of the result for each index of the smaller side. */
  places: Uint32Array;
  /** Stops between parts of the matrix. */
  signal?: StopSignal;
}

/**
 * Gram matrices A A^T or A^T A, of the smaller side, of f32 matrices: products and sums in f64, only
 * the lower tiles. Also products with vectors of that side. Sessions are built at the first matrix of a size and kept: release when done.
 */
export class GramProduct {
  readonly #threads: number;
  readonly #chunkElements: number;
  readonly #sessions = new Map<number, Promise<InferenceSession>>();
  #cross: Promise<InferenceSession> | undefined;

  /** Nothing is loaded before the first matrix. */
  constructor({ threads, chunkElements = CHUNK_ELEMENTS }: GramProductOptions) {
    this.#threads = threads;
    this.#chunkElements = chunkElements;
  }

  /**
   * The Gram matrix of a matrix without NaN and infinities. Takes `chunkElements` of f64 beside it.
   *
   * @param matrix Row-major.
   */
  async gram(matrix: Float32Array, options: GramOptions): Promise<SymmetricTiles> {
    const { offsets } = options;
    const blocks = offsets.length - 1, order = offsets[blocks];
    let session = this.#sessions.get(blocks);
    if (session === undefined) {
      session = gramGraph(blocks).session(this.#threads);
      this.#sessions.set(blocks, session);
    }
    const gram = { offsets, tiles: zeroTiles(offsets) };
    for (const { chunk, count } of this.#chunks(matrix, order, options)) {
      await addProducts(gram, chunk, count, await session);
    }
    return gram;
  }

  /**
   * Products of the matrix with vectors of the smaller side, which stand in the Gram matrix' order.
   *
   * @param vectors order x count, row-major.
   * @returns A row of `count` for each index of the larger side.
   */
  async timesVectors(
    matrix: Float32Array,
    vectors: { data: Float64Array; count: number },
    options: Omit<GramOptions, "offsets">,
  ): Promise<Float64Array> {
    this.#cross ??= crossGraph().session(this.#threads);
    const session = await this.#cross;
    const order = Math.min(...options.shape);
    const v = matrixTensor(vectors.data, order, vectors.count);
    const products = new Float64Array(Math.max(...options.shape) * vectors.count);
    for (const { chunk, from, count } of this.#chunks(matrix, order, options)) {
      const x = matrixTensor(chunk.subarray(0, order * count), order, count);
      products.set(matrixData(await session.run({ x, v }), "product"), from * vectors.count);
    }
    return products;
  }

  /** The matrix in f64, a part of the larger side at a time; the chunk is used again for the next. */
  *#chunks(matrix: Float32Array, order: number, options: Omit<GramOptions, "offsets">) {
    const length = Math.max(...options.shape);
    const step = Math.min(length, Math.max(1, Math.floor(this.#chunkElements / order)));
    const chunk = new Float64Array(order * step);
    for (let from = 0; from < length; from += step) {
      options.signal?.throwIfAborted();
      const count = Math.min(step, length - from);
      // The last chunk may be narrower: what stood behind its rows would be read as padding.
      if (count < step) chunk.fill(0);
      copyChunk(matrix, options, { chunk, from, count });
      yield { chunk, from, count };
    }
  }

  /** Releases the sessions. */
  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
    await (await this.#cross)?.release();
    this.#cross = undefined;
  }
}

async function addProducts(
  { offsets, tiles }: SymmetricTiles,
  chunk: Float64Array,
  count: number,
  session: InferenceSession,
): Promise<void> {
  const feeds: Record<string, Tensor> = {};
  for (let i = 0; i < tiles.length; i++) {
    const rows = blockRows(offsets, i);
    const part = chunk.subarray(offsets[i] * count, offsets[i + 1] * count);
    feeds[`x_${i}`] = matrixTensor(part, rows, count);
    for (let j = 0; j <= i; j++) {
      feeds[`g_${i}_${j}`] = matrixTensor(tiles[i][j], rows, blockRows(offsets, j));
    }
  }
  const sums = await session.run(feeds);
  for (let i = 0; i < tiles.length; i++) {
    for (let j = 0; j <= i; j++) tiles[i][j] = matrixData(sums, `sum_${i}_${j}`);
  }
}

function zeroTiles(offsets: number[]): Float64Array[][] {
  return Array.from({ length: offsets.length - 1 }, (_, i) =>
    Array.from(
      { length: i + 1 },
      (_, j) => new Float64Array(blockRows(offsets, i) * blockRows(offsets, j)),
    ));
}
