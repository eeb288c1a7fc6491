/**
 * Reading tensors' bytes and values out of safetensors files.
 *
 * @module
 */
import { decodeFloats, isFloatDtype } from "./dtype.ts";
import { readInto, type TensorInfo } from "./safetensors.ts";

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
    const { file } = tensor;
    if (start < 0 || start + into.length > tensor.byteLength) {
      throw new RangeError(
        `Cannot read bytes ${start} to ${start + into.length} of ${tensor.name}: it has ` +
          `${tensor.byteLength}`,
      );
    }
    let handle = this.#handles.get(file);
    if (!handle) this.#handles.set(file, handle = Deno.openSync(file));
    const offset = handle.seekSync(tensor.offset + start, Deno.SeekMode.Start);
    const filled = readInto(handle, into);
    if (filled < into.length) {
      throw new Error(
        `Cannot read ${file}: it ended at byte ${offset + filled}, where ${into.length - filled} ` +
          "more were expected; it has changed since it was opened",
      );
    }
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

  close(): void {
    for (const handle of this.#handles.values()) handle.close();
    this.#handles.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
