/**
 * A checkpoint folder: its config and its tensors, read one at a time.
 *
 * @module
 */
import { resolve } from "node:path";
import { type CheckpointConfig, readCheckpointConfig } from "./config.ts";
import type { TensorInfo } from "./safetensors.ts";
import { canonicalName } from "./tensor_place.ts";
import { TensorReader } from "./tensor_reader.ts";
import { findTensors } from "./weight_files.ts";

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
  readonly #reader = new TensorReader();

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
   * Reads a whole tensor.
   *
   * @param name Canonical name.
   * @returns Row-major values: f32 for BF16, F16 and F32 (exact), f64 for F64.
   * @throws {Error} if there is no such tensor or it does not hold floats.
   */
  read(name: string): Float32Array | Float64Array {
    return this.#reader.read(this.tensor(name));
  }

  /** Closes the files. */
  close(): void {
    this.#reader.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
