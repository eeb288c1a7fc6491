/**
 * Weights in 8 bits: blocks of 128 along each row, one scale a block, symmetric.
 *
 * @module
 */
import { TensorReader } from "../checkpoint/mod.ts";
import type { FileTensor } from "./graph_builder.ts";
import { weightShape, type WeightSource } from "./weight_source.ts";

/** A quantised [out, in] matrix: w = (quantized - 128) * scale of its block. */
export interface Int8Weight {
  /** [out, blocks, blockSize], the last block of a row padded with 128. */
  quantized: Uint8Array;
  /** [out, blocks]. */
  scales: Float32Array;
  /** Blocks a row. */
  blocks: number;
  blockSize: number;
}

const BLOCK = 128;

function readRows(tensor: FileTensor, from: number, to: number): Float32Array {
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
 * Quantises a matrix: each block's largest magnitude becomes 127.
 *
 * @param source [out, in].
 */
export function quantizeInt8(source: WeightSource): Int8Weight {
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
