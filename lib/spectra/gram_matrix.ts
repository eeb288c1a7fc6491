/**
 * Gram matrices in f64.
 *
 * @module
 */
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { matrixData, matrixTensor, OrtGraph } from "./ort_graph.ts";
import { blockRows, type SymmetricTiles } from "./symmetric_tiles.ts";

/** Elements of the f64 copy that is made of a part of the matrix: 64 MB. */
const CHUNK_ELEMENTS = 8 << 20;
/** Columns and rows that a transposing copy takes at a time: a cache line of the result. */
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

/**
 * Writes columns `from` to `from + count` of the matrix to `chunk`, rows of the smaller side by
 * `count`, and returns the sum of their squares.
 */
function copyChunk(
  matrix: Float32Array,
  [rows, columns]: [number, number],
  chunk: Float64Array,
  from: number,
  count: number,
): number {
  let even = 0, odd = 0;
  if (rows <= columns) {
    for (let i = 0; i < rows; i++) {
      const source = i * columns + from, target = i * count;
      for (let k = 0; k < count; k++) {
        const value = matrix[source + k];
        chunk[target + k] = value;
        if (k & 1) odd += value * value;
        else even += value * value;
      }
    }
    return even + odd;
  }
  // The smaller side runs along the columns: transpose, a few rows at a time.
  for (let k = 0; k < count; k += TRANSPOSE_ROWS) {
    const end = Math.min(count, k + TRANSPOSE_ROWS);
    for (let j = 0; j < columns; j++) {
      for (let r = k; r < end; r++) {
        const value = matrix[(from + r) * columns + j];
        chunk[j * count + r] = value;
        even += value * value;
      }
    }
  }
  return even;
}

/** A Gram matrix, and what was seen on the way. */
export interface Gram extends SymmetricTiles {
  /** Sum of the squares of all elements, in f64. Not finite if an element is not. */
  sumOfSquares: number;
}

/**
 * Gram matrices A A^T or A^T A, of the smaller side, of f32 matrices: products and sums in f64, only
 * the lower tiles. Sessions are built at the first matrix of a size and kept: release when done.
 */
export class GramProduct {
  readonly #threads: number;
  readonly #sessions = new Map<number, Promise<InferenceSession>>();

  /** @param threads Threads of the matrix products. */
  constructor(threads: number) {
    this.#threads = threads;
  }

  /**
   * The Gram matrix, cut into blocks at `offsets`; rows and columns behind the smaller side are
   * zero. Beside it takes 64 MB (more if the smaller side is above 30,000).
   *
   * @param matrix Row-major.
   */
  async gram(
    matrix: Float32Array,
    shape: [number, number],
    offsets: number[],
  ): Promise<Gram> {
    const blocks = offsets.length - 1;
    let session = this.#sessions.get(blocks);
    if (session === undefined) {
      session = gramGraph(blocks).session(this.#threads);
      this.#sessions.set(blocks, session);
    }
    const order = offsets[blocks];
    const length = Math.max(...shape);
    const step = Math.min(length, Math.max(256, Math.floor(CHUNK_ELEMENTS / order)));
    const chunk = new Float64Array(order * step);
    const gram: Gram = { offsets, tiles: zeroTiles(offsets), sumOfSquares: 0 };
    for (let from = 0; from < length; from += step) {
      const count = Math.min(step, length - from);
      // The last chunk may be narrower: what stood behind its rows would be read as padding.
      if (count < step) chunk.fill(0);
      gram.sumOfSquares += copyChunk(matrix, shape, chunk, from, count);
      await addProducts(gram, chunk, count, await session);
    }
    return gram;
  }

  /** Releases the sessions. */
  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
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
