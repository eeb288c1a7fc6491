/**
 * Writes language models of any shape with random weights, for tests and benchmarks of size and
 * speed.
 *
 * @module
 */
import { join } from "node:path";
import { randomSource } from "../../testing/random_source.ts";
import { randomNormal, toBf16 } from "../../testing/safetensors_writer.ts";
import { expectedTensors, QWEN2_5_VL } from "../../checkpoint/architectures/mod.ts";
import { parseCheckpointConfig, type TensorInfo } from "../../checkpoint/mod.ts";

/** Shape of a synthetic language model. */
export interface SyntheticShape {
  hiddenSize: number;
  intermediateSize: number;
  numLayers: number;
  numHeads: number;
  numKvHeads: number;
  vocabSize: number;
  tieWordEmbeddings?: boolean;
  /** Fields of config.json in place of the usual ones. */
  config?: Readonly<Record<string, unknown>>;
  /** Whether weights are zeros that take no room on the disk, default false. */
  sparse?: boolean;
}

/** Rows of the embedding and the head of Qwen2.5-VL-7B; the 3B model has 151,936. */
export const PUBLISHED_VOCABULARY = 152_064;

/** Qwen2.5-VL-7B's layers. */
export const SHAPE_7B = {
  hiddenSize: 3584,
  intermediateSize: 18944,
  numHeads: 28,
  numKvHeads: 4,
};

/** Qwen2.5-VL-3B's layers. */
export const SHAPE_3B = {
  hiddenSize: 2048,
  intermediateSize: 11008,
  numHeads: 16,
  numKvHeads: 2,
};

function configOf(shape: SyntheticShape): Record<string, unknown> {
  const half = shape.hiddenSize / shape.numHeads / 2;
  const third = Math.floor(half / 3);
  return {
    model_type: "qwen2_5_vl",
    hidden_size: shape.hiddenSize,
    intermediate_size: shape.intermediateSize,
    num_hidden_layers: shape.numLayers,
    num_attention_heads: shape.numHeads,
    num_key_value_heads: shape.numKvHeads,
    vocab_size: shape.vocabSize,
    tie_word_embeddings: shape.tieWordEmbeddings ?? true,
    rms_norm_eps: 1e-6,
    rope_theta: 1e6,
    rope_scaling: { type: "mrope", mrope_section: [half - 2 * third, third, third] },
    image_token_id: 1,
    video_token_id: 2,
    vision_start_token_id: 3,
    vision_end_token_id: 4,
    eos_token_id: 5,
    vision_config: {
      depth: 1,
      hidden_size: 16,
      num_heads: 2,
      intermediate_size: 16,
      out_hidden_size: shape.hiddenSize,
      patch_size: 2,
      spatial_merge_size: 2,
      window_size: 8,
      fullatt_block_indexes: [0],
    },
    ...shape.config,
  };
}

function writeFully(file: Deno.FsFile, bytes: Uint8Array) {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/**
 * Writes a checkpoint folder: bf16 weights of standard deviation 0.02, norms of 1, no tokenizer.
 *
 * @returns Size of the weights in bytes.
 */
export function writeSyntheticCheckpoint(folder: string, shape: SyntheticShape, seed = 1): number {
  Deno.mkdirSync(folder, { recursive: true });
  const raw = configOf(shape);
  Deno.writeTextFileSync(join(folder, "config.json"), JSON.stringify(raw));
  const config = parseCheckpointConfig(raw, "config.json");
  const header: Record<string, unknown> = {};
  let offset = 0;
  const tensors = [...expectedTensors(QWEN2_5_VL, config)].map(([name, dimensions]) =>
    [name, dimensions.map(({ size }) => size)] as const
  );
  for (const [name, shape] of tensors) {
    const bytes = 2 * shape.reduce((a, b) => a * b, 1);
    header[name] = { dtype: "BF16", shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  using file = Deno.openSync(join(folder, "model.safetensors"), {
    write: true,
    create: true,
    truncate: true,
  });
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  writeFully(file, length);
  writeFully(file, text);
  if (shape.sparse) {
    file.truncateSync(length.length + text.length + offset);
    return offset;
  }
  // One block of noise, repeated from changing places: fast, and no two rows alike.
  const noise = Uint16Array.from(
    randomNormal(100_003, randomSource(seed)),
    (v) => toBf16(0.02 * v),
  );
  let start = 0;
  for (const [name, shape] of tensors) {
    let left = shape.reduce((a, b) => a * b, 1);
    while (left > 0) {
      const count = Math.min(left, noise.length - start);
      const part = name.includes("norm")
        ? new Uint16Array(count).fill(0x3f80)
        : noise.subarray(start, start + count);
      writeFully(file, new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
      start = (start + count) % noise.length;
      left -= count;
    }
  }
  return offset;
}

/** The head of the 7B model and a final norm, in a file that takes no room on the disk. */
export function writeSparseHead(folder: string) {
  const [vocabSize, hiddenSize] = [PUBLISHED_VOCABULARY, SHAPE_7B.hiddenSize];
  const file = join(folder, "head.bin");
  const byteLength = 2 * vocabSize * hiddenSize;
  Deno.writeFileSync(file, new Uint8Array());
  Deno.truncateSync(file, byteLength);
  const tensor = (name: string, shape: number[]): TensorInfo => ({
    name,
    dtype: "BF16",
    shape,
    file,
    offset: 0,
    byteLength: 2 * shape.reduce((product, size) => product * size, 1),
  });
  return {
    config: { vocabSize, hiddenSize, rmsNormEps: 1e-6 },
    head: tensor("lm_head.weight", [vocabSize, hiddenSize]),
    finalNorm: tensor("model.norm.weight", [hiddenSize]),
  };
}
