/**
 * A checkpoint folder: its config and its tensors, read one at a time.
 *
 * @module
 */
import { resolve } from "node:path";
import { listText } from "../list_text.ts";
import { isFolder } from "../paths.ts";
import { type CheckpointConfig, describeField, readCheckpointConfig } from "./config.ts";
import type { TensorInfo } from "./safetensors.ts";
import { canonicalName, indicesOf } from "./tensor_place.ts";
import { TensorReader } from "./tensor_reader.ts";
import { findTensors, ignoredWeights } from "./weight_files.ts";

/** Fields that say how many parts of a kind there are. */
const COUNTS = {
  layers: { field: "text_config.num_hidden_layers", what: "LLM layer" },
  blocks: { field: "vision_config.depth", what: "vision block" },
} as const;

/** Checks a count of config.json against the parts that have tensors: 0 to count - 1. */
function checkCount(
  folder: string,
  config: CheckpointConfig,
  { count, found, field, what }: {
    count: number;
    found: ReadonlySet<number>;
    field: string;
    what: string;
  },
) {
  // Looked for among those found: the config's count may be anything.
  const gaps = Array.from({ length: found.size }, (_, i) => i).filter((i) => !found.has(i));
  if (gaps.length === 0 && found.size === count) return;
  const without = gaps.length > 0 ? `, none of ${what} ${listText(gaps)}` : "";
  throw new Error(
    `Cannot open the checkpoint ${folder}: config.json's ${describeField(config, field)} ` +
      `disagrees with its weights, which have tensors of ${found.size} ${what}s${without}`,
  );
}

/**
 * An open checkpoint. Opening reads config.json and the weight files' headers; no weight is read
 * before it is asked for. Use it with `using`, or call {@linkcode Checkpoint.close}.
 */
export class Checkpoint implements Disposable {
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly config: CheckpointConfig;
  /** Tensors by canonical name (see `canonicalName`), whatever generation the files are of. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Words for weights in the folder that are not read; null if there are none. */
  readonly ignored: string | null;
  readonly #reader = new TensorReader();

  private constructor(
    folder: string,
    config: CheckpointConfig,
    tensors: ReadonlyMap<string, TensorInfo>,
  ) {
    this.folder = folder;
    this.config = config;
    this.tensors = tensors;
    this.ignored = ignoredWeights(folder);
  }

  /**
   * Opens a checkpoint folder.
   *
   * @throws {Error} if the folder, its config or a weight file is missing or damaged, or if the
   * tensors are of other numbers of layers or vision blocks than the config says.
   */
  static open(folder: string): Checkpoint {
    const path = resolve(folder);
    if (!isFolder(path)) {
      throw new Error(`Cannot open the checkpoint ${path}: there is no such folder`);
    }
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
    const config = readCheckpointConfig(path);
    const found = indicesOf(tensors.keys());
    // Families that are not known may not say.
    if (config.vision.depth === undefined) config.visionDepth = found.blocks.size;
    checkCount(path, config, { ...COUNTS.layers, count: config.numLlmLayers, found: found.layers });
    checkCount(path, config, { ...COUNTS.blocks, count: config.visionDepth, found: found.blocks });
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

  close(): void {
    this.#reader.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
