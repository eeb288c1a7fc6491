/**
 * A checkpoint folder: its config and its tensors, read one at a time.
 *
 * @module
 */
import { resolve } from "node:path";
import { type CheckpointConfig, readCheckpointConfig } from "./config.ts";
import { decodeFloats, isFloatDtype } from "./dtype.ts";
import type { TensorInfo } from "./safetensors.ts";
import { canonicalName } from "./tensor_place.ts";
import { findTensors } from "./weight_files.ts";

/** Reads `into.length` bytes of a file from `offset` on; fails rather than return fewer. */
export function readFully(handle: Deno.FsFile, file: string, offset: number, into: Uint8Array) {
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

/**
 * An open checkpoint. Opening reads config.json and the weight files' headers; no weight is read
 * before it is asked for. Use it with `using`, or call {@linkcode Checkpoint.close}.
 */
export class Checkpoint implements Disposable {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** config.json. */
  readonly config: CheckpointConfig;
  /** Tensors by canonical name (see `canonicalName`), whatever generation the files are of. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly #handles = new Map<string, Deno.FsFile>();

  private constructor(
    folder: string,
    config: CheckpointConfig,
    tensors: ReadonlyMap<string, TensorInfo>,
  ) {
    this.folder = folder;
    this.config = config;
    this.tensors = tensors;
  }

  /**
   * Opens a checkpoint folder.
   *
   * @throws {Error} if the folder, its config or a weight file is missing or damaged.
   */
  static open(folder: string): Checkpoint {
    const path = resolve(folder);
    let isDirectory = false;
    try {
      isDirectory = Deno.statSync(path).isDirectory;
    } catch {
      // said below
    }
    if (!isDirectory) {
      throw new Error(`Cannot open the checkpoint ${path}: there is no such folder`);
    }
    const config = readCheckpointConfig(path);
    const tensors = new Map<string, TensorInfo>();
    for (const tensor of findTensors(path).values()) {
      const name = canonicalName(tensor.name);
      const twin = tensors.get(name);
      if (twin) {
        throw new Error(
          `Cannot open the checkpoint ${path}: ${twin.name} and ${tensor.name} name the same tensor`,
        );
      }
      tensors.set(name, tensor);
    }
    return new Checkpoint(path, config, tensors);
  }

  /**
   * Where a tensor lies.
   *
   * @param name Canonical name.
   * @throws {Error} if the checkpoint has no such tensor.
   */
  tensor(name: string): TensorInfo {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`Checkpoint ${this.folder} has no tensor ${name}`);
    return tensor;
  }

  /**
   * Reads raw bytes of a tensor.
   *
   * @param tensor One of {@linkcode Checkpoint.tensors}.
   * @param into Buffer to fill.
   * @param start Offset in the tensor of the first byte, default 0.
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
   * Reads a whole tensor.
   *
   * @param name Canonical name.
   * @returns Row-major values: f32 for BF16, F16 and F32 (exact), f64 for F64.
   * @throws {Error} if there is no such tensor or it does not hold floats.
   */
  read(name: string): Float32Array | Float64Array {
    const tensor = this.tensor(name);
    if (!isFloatDtype(tensor.dtype)) {
      throw new Error(
        `Cannot read ${tensor.name} of ${tensor.file} as numbers: dtype ${tensor.dtype} is not a ` +
          "floating point type (BF16, F16, F32, F64)",
      );
    }
    const bytes = new Uint8Array(tensor.byteLength);
    this.readBytes(tensor, bytes);
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
