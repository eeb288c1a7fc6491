/**
 * Where a weight of a graph comes from: a tensor in a file, a blend of two, or values in memory.
 *
 * @module
 */
import { type TensorInfo, TensorReader } from "../checkpoint/mod.ts";
import type { GraphBuilder, Value } from "./graph_builder.ts";
import type { Precision } from "./linear.ts";

/** (1 - alpha) a + alpha b, computed in the graph: nothing is written. */
export interface BlendedTensor {
  a: TensorInfo;
  b: TensorInfo;
  /** Share of `b`. */
  alpha: number;
}

/** A weight held in memory, e.g. with noise added. */
export interface ValuesTensor {
  name: string;
  shape: readonly number[];
  /** Row-major. */
  values: Float32Array;
}

export type WeightSource = TensorInfo | BlendedTensor | ValuesTensor;

/** Name of a weight, for error messages. */
export function weightName(source: WeightSource): string {
  return "a" in source ? `${source.a.name} blended with ${source.b.name}` : source.name;
}

export function weightShape(source: WeightSource): readonly number[] {
  return "a" in source ? source.a.shape : source.shape;
}

export interface WeightForm {
  precision: Precision;
  /** Whether they are tensors of a device that the session is given, in place of initializers. */
  bound: boolean;
}

/** Adds a vector of weights as f32. */
export function addVector(graph: GraphBuilder, source: WeightSource, { bound }: WeightForm): Value {
  if (!bound) return addWeight(graph, source);
  return graph.bind({ sources: [source], type: "f32" }, weightShape(source));
}

/**
 * Adds a weight, or rows [from, to) of its first dimension, to a graph as f32.
 *
 * @param rows Default: all.
 * @throws {Error} if the two tensors of a blend have different shapes.
 */
export function addWeight(
  graph: GraphBuilder,
  source: WeightSource,
  rows?: { from: number; to: number },
): Value {
  if ("values" in source) {
    const [count, ...rest] = source.shape;
    const { from = 0, to = count } = rows ?? {};
    const width = source.values.length / count;
    return graph.floats(source.values.subarray(from * width, to * width), [to - from, ...rest]);
  }
  if (!("a" in source)) return graph.fileTensorAsF32(source, rows);
  const { a, b, alpha } = source;
  if (a.shape.join() !== b.shape.join()) {
    throw new Error(
      `Cannot blend ${a.name} of ${a.file} with ${b.name} of ${b.file}: shapes ` +
        `[${a.shape.join(", ")}] and [${b.shape.join(", ")}] differ`,
    );
  }
  return graph.node("Add", [
    graph.node("Mul", [graph.fileTensorAsF32(a, rows), graph.scalar(1 - alpha)]),
    graph.node("Mul", [graph.fileTensorAsF32(b, rows), graph.scalar(alpha)]),
  ]);
}

const BLOCK = 128;

function readRows(tensor: TensorInfo, from: number, to: number): Float32Array {
  using reader = new TensorReader();
  const width = tensor.shape.slice(1).reduce((product, dimension) => product * dimension, 1);
  const values = reader.read(tensor, from * width, (to - from) * width);
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** Reads rows [from, to) of a weight, blended if it is a blend. */
export function readWeightRows(source: WeightSource, from: number, to: number): Float32Array {
  if ("values" in source) {
    const width = source.values.length / source.shape[0];
    return source.values.subarray(from * width, to * width);
  }
  if (!("a" in source)) return readRows(source, from, to);
  const a = readRows(source.a, from, to);
  const b = readRows(source.b, from, to);
  for (let i = 0; i < a.length; i++) a[i] = (1 - source.alpha) * a[i] + source.alpha * b[i];
  return a;
}

/**
 * Quantises a matrix to 8 bits: blocks of 128 along each row, one scale a block, symmetric; each
 * block's largest magnitude becomes 127.
 *
 * @param source [out, in]: w = (quantized - 128) * scale of its block.
 * @returns quantized [out, blocks, blockSize], the last block of a row padded with 128; scales
 * [out, blocks]; blocks of a row.
 */
export function quantizeInt8(source: WeightSource) {
  const [out, width] = weightShape(source);
  const blocks = Math.ceil(width / BLOCK);
  const quantized = new Uint8Array(out * blocks * BLOCK).fill(128);
  const scales = new Float32Array(out * blocks);
  const chunk = Math.max(1, Math.floor(1_000_000 / width));
  for (let first = 0; first < out; first += chunk) {
    const last = Math.min(out, first + chunk);
    const values = readWeightRows(source, first, last);
    for (let row = first; row < last; row++) {
      for (let block = 0; block < blocks; block++) {
        const start = (row - first) * width + block * BLOCK;
        const end = Math.min((row - first + 1) * width, start + BLOCK);
        let largest = 0;
        for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(values[i]));
        const index = row * blocks + block;
        const scale = scales[index] = Math.fround(largest / 127);
        if (scale === 0) continue;
        for (let i = start, to = index * BLOCK; i < end; i++, to++) {
          quantized[to] = 128 + Math.round(values[i] / scale);
        }
      }
    }
  }
  return { quantized, scales, blocks, blockSize: BLOCK };
}
