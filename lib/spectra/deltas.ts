/**
 * Updates of one parameter between two checkpoints.
 *
 * @module
 */
import type { TensorInfo, TensorReader } from "../checkpoint/mod.ts";
import type { StopSignal } from "../worker_pool.ts";

/** Elements read at a time: large enough for the disk, small beside the delta itself. */
const CHUNK = 1 << 20;

/**
 * The error for weights that are not finite: names file, tensor, index and value.
 *
 * @param tensors Where the parameter lies in each checkpoint looked at.
 * @returns An Error for the first NaN or infinity found, or null if all are finite.
 */
export function findNonFinite(
  reader: TensorReader,
  tensors: TensorInfo[],
  signal?: StopSignal,
): Error | null {
  for (const tensor of tensors) {
    const elements = tensor.shape.reduce((product, dimension) => product * dimension, 1);
    for (let first = 0; first < elements; first += CHUNK) {
      signal?.throwIfAborted();
      const values = reader.read(tensor, first, Math.min(CHUNK, elements - first));
      const at = values.findIndex((value) => !Number.isFinite(value));
      if (at >= 0) {
        return new Error(
          `Cannot analyse ${tensor.name}: element ${first + at} of shape ` +
            `[${tensor.shape.join(", ")}] in ${tensor.file} is ${values[at]}; the checkpoint is ` +
            "damaged or its training diverged",
        );
      }
    }
  }
  return null;
}

/**
 * Reads `to - from` of one parameter.
 *
 * @param from Where the parameter lies before the update.
 * @param to Where it lies after, of the same shape.
 * @returns Row-major differences: exact for BF16 whose exponents are within 16, else rounded to f32.
 * @throws {Error} if an element is NaN or infinite; names file, tensor and index.
 */
export function readDelta(
  reader: TensorReader,
  { from, to }: { from: TensorInfo; to: TensorInfo },
  signal?: StopSignal,
): Float32Array {
  const elements = from.shape.reduce((product, dimension) => product * dimension, 1);
  const delta = new Float32Array(elements);
  let check = 0;
  for (let first = 0; first < elements; first += CHUNK) {
    signal?.throwIfAborted();
    const count = Math.min(CHUNK, elements - first);
    const before = reader.read(from, first, count);
    const after = reader.read(to, first, count);
    const part = delta.subarray(first, first + count);
    for (let i = 0; i < count; i++) {
      part[i] = after[i] - before[i];
      check += part[i];
    }
  }
  // A NaN or an infinity anywhere makes the sum one.
  if (!Number.isFinite(check)) {
    throw findNonFinite(reader, [from, to], signal) ??
      new Error(`Cannot analyse ${from.name}: its update overflows f32`);
  }
  return delta;
}
