/**
 * The bytes of a merged tensor, a piece at a time.
 *
 * @module
 */
import {
  BYTES_PER_ELEMENT,
  type FloatDtype,
  type TensorInfo,
  type TensorReader,
} from "../checkpoint/mod.ts";
import { noisyValues } from "../model/mod.ts";
import { encodeFloats } from "./encode_floats.ts";
import type { MergedTensor, TensorOrigin } from "./merged_tensors.ts";

/** Bytes read at once. */
const PIECE_BYTES = 4 << 20;

function* copied(tensor: TensorInfo, reader: TensorReader): Generator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, tensor.byteLength));
  for (let done = 0; done < tensor.byteLength;) {
    const piece = buffer.subarray(0, Math.min(buffer.length, tensor.byteLength - done));
    reader.readBytes(tensor, piece, done);
    yield piece;
    done += piece.length;
  }
}

type Floats = Float32Array | Float64Array;

function blend(a: Floats, b: Floats, alpha: number): Float64Array {
  const values = new Float64Array(a.length);
  for (let i = 0; i < values.length; i++) values[i] = (1 - alpha) * a[i] + alpha * b[i];
  return values;
}

function* blended(
  { tensor, other, alpha }: TensorOrigin & { op: "interpolate" },
  reader: TensorReader,
): Generator<Uint8Array> {
  const dtype = tensor.dtype as FloatDtype;
  const elements = tensor.byteLength / BYTES_PER_ELEMENT[dtype];
  const step = PIECE_BYTES / 8;
  for (let first = 0; first < elements; first += step) {
    const count = Math.min(step, elements - first);
    const a = reader.read(tensor, first, count);
    const b = reader.read(other, first, count);
    yield encodeFloats(blend(a, b, alpha), dtype);
  }
}

async function* noisy(
  { tensor, layer, key, ratio: amount, seed }: TensorOrigin & { op: "noise" },
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const values = await noisyValues(tensor, { layer, key, amount, seed, signal });
  const dtype = tensor.dtype as FloatDtype;
  const step = PIECE_BYTES / 8;
  for (let first = 0; first < values.length; first += step) {
    yield encodeFloats(values.subarray(first, first + step), dtype);
  }
}

/**
 * The bytes of a tensor of a merge, in order. A piece is only good until the next one is asked for.
 *
 * Copies are the donor's bytes. A blend is (1 - alpha) a + alpha b in f64, rounded once to the
 * first model's type; noise is added in f32 as in a running model, then rounded.
 *
 * @throws {Error} if a file cannot be read; the signal's reason while noise is made.
 */
export function mergedBytes(
  { origin }: MergedTensor,
  reader: TensorReader,
  signal?: AbortSignal,
): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  switch (origin.op) {
    case "copy":
      return copied(origin.tensor, reader);
    case "interpolate":
      return blended(origin, reader);
    case "noise":
      return noisy(origin, signal);
  }
}
