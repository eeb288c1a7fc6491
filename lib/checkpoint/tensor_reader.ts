/**
 * Reading tensors' bytes and values out of safetensors files.
 *
 * @module
 */
import { decodeFloats, isFloatDtype } from "./dtype.ts";
import type { TensorInfo } from "./safetensors.ts";

/** Reads `into.length` bytes of a file from `offset` on; fails rather than return fewer. */
function readFully(handle: Deno.FsFile, file: string, offset: number, into: Uint8Array) {
  handle.seekSync(offset, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < into.length) {
    const count = handle.readSync(filled === 0 ? into : into.subarray(filled));
    if (count === null) {
      throw new Error(
        `Cannot read ${file}: it ended at byte ${offset + filled}, where ${into.length - filled} ` +
          "more were expected; it has changed since it was opened",
      );
    }
    filled += count;
  }
}

/** Reads tensors one at a time, keeping their files open. Close it, or use it with `using`. */
export class TensorReader implements Disposable {
  readonly #handles = new Map<string, Deno.FsFile>();

  /**
   * Reads raw bytes of a tensor.
   *
   * @param tensor Where it lies.
   * @param into Buffer to fill.
   * @param start Offset in the tensor of the first byte, default 0.
   * @throws {RangeError} if the bytes are not all inside the tensor.
   */
  readBytes(tensor: TensorInfo, into: Uint8Array, start = 0): void {
    if (start < 0 || start + into.length > tensor.byteLength) {
      throw new RangeError(
        `Cannot read bytes ${start} to ${start + into.length} of ${tensor.name}: it has ` +
          `${tensor.byteLength}`,
      );
    }
    let handle = this.#handles.get(tensor.file);
    if (!handle) this.#handles.set(tensor.file, handle = Deno.openSync(tensor.file));
    readFully(handle, tensor.file, tensor.offset + start, into);
  }

  /**
   * Reads elements of a tensor.
   *
   * @param tensor Where it lies.
   * @param first Index of the first element, default 0.
   * @param count Number of elements, default all from `first` on.
   * @returns Row-major values: f32 for BF16, F16 and F32 (exact), f64 for F64.
   * @throws {Error} if the tensor does not hold floats.
   */
  read(tensor: TensorInfo, first = 0, count?: number): Float32Array | Float64Array {
    if (!isFloatDtype(tensor.dtype)) {
      throw new Error(
        `Cannot read ${tensor.name} of ${tensor.file} as numbers: dtype ${tensor.dtype} is not a ` +
          "floating point type (BF16, F16, F32, F64)",
      );
    }
    const elements = tensor.shape.reduce((product, dimension) => product * dimension, 1);
    const size = elements === 0 ? 0 : tensor.byteLength / elements;
    const bytes = new Uint8Array((count ?? elements - first) * size);
    this.readBytes(tensor, bytes, first * size);
    return decodeFloats(bytes, tensor.dtype);
  }

  /** Closes the files. */
  close(): void {
    for (const handle of this.#handles.values()) handle.close();
    this.#handles.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
