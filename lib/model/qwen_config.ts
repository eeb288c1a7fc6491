/**
 * The architecture of a Qwen2.5-VL checkpoint, read off its config.json in either layout and
 * checked, so that no later step meets a field that is missing or contradicts another.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { z } from "zod";
import {
  type Checkpoint,
  type CheckpointConfig,
  defaultsNote,
  describeField,
  qwenTextSchema,
  qwenTokensSchema,
  qwenVisionSchema,
} from "../checkpoint/mod.ts";
import { listText, valueText } from "../list_text.ts";
import { readStrictJson } from "../strict_json.ts";
import { checkQwenTensors, expectedQwenTensors } from "./qwen_tensors.ts";

/** The language model. */
export interface QwenTextConfig {
  hiddenSize: number;
  /** Width of the MLP. */
  intermediateSize: number;
  numLayers: number;
  /** Query heads. */
  numHeads: number;
  /** Key and value heads; divides `numHeads`. */
  numKvHeads: number;
  /** hiddenSize / numHeads. */
  headDim: number;
  rmsNormEps: number;
  /** Base of the rotary frequencies. */
  ropeTheta: number;
  /** How many frequencies follow the temporal, height and width position; adds up to headDim / 2. */
  mropeSection: [number, number, number];
  vocabSize: number;
  /** Whether the head is the embedding matrix. */
  tieWordEmbeddings: boolean;
  /** Longest context, in tokens. */
  maxPositionEmbeddings: number;
}

/** The vision encoder. */
export interface QwenVisionConfig {
  /** Blocks. */
  depth: number;
  hiddenSize: number;
  numHeads: number;
  intermediateSize: number;
  /** Width of a visual token; equals the language model's hidden size. */
  outHiddenSize: number;
  /** Side of a patch, in pixels. */
  patchSize: number;
  /** Frames a patch spans; a still image is repeated. */
  temporalPatchSize: number;
  /** Patches a side that become one visual token. */
  spatialMergeSize: number;
  /** Side of an attention window, in pixels. */
  windowSize: number;
  /** Blocks that attend over the whole image instead of windows. */
  fullattBlockIndexes: number[];
  hiddenAct: "silu";
}

/** A Qwen2.5-VL architecture and its special tokens. */
export interface QwenConfig {
  text: QwenTextConfig;
  vision: QwenVisionConfig;
  imageTokenId: number;
  videoTokenId: number;
  visionStartTokenId: number;
  visionEndTokenId: number;
  /** Tokens that end an answer. */
  eosTokenIds: number[];
  /** Words for the fields that config.json leaves out; null if it states them all. */
  defaults: string | null;
}

/** Options of {@linkcode readQwenConfig}. */
export interface ReadQwenConfigOptions {
  /** Parsed generation_config.json; its eos_token_id wins over config.json's. */
  generation?: unknown;
  /** What error messages call the file, default "config.json". */
  source?: string;
}

function fail(source: string, why: string): never {
  throw new Error(`Cannot use ${source} as a Qwen2.5-VL model: ${why}`);
}

function check<T>(schema: z.ZodType<T>, value: unknown, source: string, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) =>
    `${[where, ...path].join(".")}: ${message}`
  );
  fail(source, listText(issues, "; "));
}

function readText(config: CheckpointConfig, source: string): QwenTextConfig {
  if (config.text.mrope_section === undefined) {
    fail(
      source,
      "neither rope_parameters nor rope_scaling has mrope_section, which has no default",
    );
  }
  const text = check(qwenTextSchema, config.text, source, "text_config");
  const hiddenSize = text.hidden_size;
  const numHeads = text.num_attention_heads;
  const numKvHeads = text.num_key_value_heads ?? numHeads;
  const headDim = hiddenSize / numHeads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    fail(
      source,
      `${describeField(config, "text_config.hidden_size")} over ` +
        `${
          describeField(config, "text_config.num_attention_heads")
        } is ${headDim}, where an even ` +
        "number is needed",
    );
  }
  if (text.head_dim && text.head_dim !== headDim) {
    fail(source, `head_dim ${text.head_dim} is not hidden_size / num_attention_heads = ${headDim}`);
  }
  if (numHeads % numKvHeads !== 0) {
    fail(
      source,
      `${describeField(config, "text_config.num_key_value_heads")} does not divide ` +
        describeField(config, "text_config.num_attention_heads"),
    );
  }
  if (text.rope_type !== "default") {
    fail(
      source,
      `rope type ${valueText(text.rope_type)} is not supported (only mrope, unscaled)`,
    );
  }
  const sections = text.mrope_section.reduce((sum, section) => sum + section, 0);
  if (sections !== headDim / 2) {
    fail(
      source,
      `mrope_section [${
        text.mrope_section.join(", ")
      }] adds up to ${sections}, where half of the ` +
        `head's ${headDim} dimensions is ${headDim / 2}`,
    );
  }
  const sliding = text.use_sliding_window ||
    text.layer_types?.some((type) => type !== "full_attention");
  if (sliding) fail(source, "sliding window attention in the language model is not supported");
  return {
    hiddenSize,
    intermediateSize: text.intermediate_size,
    numLayers: text.num_hidden_layers,
    numHeads,
    numKvHeads,
    headDim,
    rmsNormEps: text.rms_norm_eps,
    ropeTheta: text.rope_theta,
    mropeSection: text.mrope_section,
    vocabSize: text.vocab_size,
    tieWordEmbeddings: text.tie_word_embeddings,
    maxPositionEmbeddings: text.max_position_embeddings,
  };
}

function readVision(config: CheckpointConfig, source: string): QwenVisionConfig {
  const vision = check(qwenVisionSchema, config.vision, source, "vision_config");
  const headDim = vision.hidden_size / vision.num_heads;
  if (!Number.isInteger(headDim) || headDim % 4 !== 0) {
    fail(
      source,
      `${describeField(config, "vision_config.hidden_size")} over ` +
        `${
          describeField(config, "vision_config.num_heads")
        } is ${headDim}, where a multiple of 4 ` +
        "is needed",
    );
  }
  const token = vision.patch_size * vision.spatial_merge_size;
  if (vision.window_size < token) {
    fail(
      source,
      `${describeField(config, "vision_config.window_size")} is below patch_size x ` +
        `spatial_merge_size = ${token}`,
    );
  }
  const outside = vision.fullatt_block_indexes.filter((block) => block >= vision.depth);
  if (outside.length > 0) {
    fail(
      source,
      `${describeField(config, "vision_config.fullatt_block_indexes")} names block ` +
        `${listText(outside)} of ${vision.depth}`,
    );
  }
  return {
    depth: vision.depth,
    hiddenSize: vision.hidden_size,
    numHeads: vision.num_heads,
    intermediateSize: vision.intermediate_size,
    outHiddenSize: vision.out_hidden_size,
    patchSize: vision.patch_size,
    temporalPatchSize: vision.temporal_patch_size,
    spatialMergeSize: vision.spatial_merge_size,
    windowSize: vision.window_size,
    fullattBlockIndexes: [...new Set(vision.fullatt_block_indexes)].sort((a, b) => a - b),
    hiddenAct: vision.hidden_act,
  };
}

/** Checks that the vocabulary has tokens; `source` is the file that names them. */
function checkTokens(ids: readonly number[], vocabSize: number, source: string) {
  const beyond = ids.filter((id) => id >= vocabSize);
  if (beyond.length === 0) return;
  fail(source, `token id ${listText(beyond)} is outside of vocab_size ${vocabSize}`);
}

/** generation_config.json's end tokens, else config.json's; and which defaults are used. */
function readEos(
  config: CheckpointConfig,
  { generation, vocabSize, source }: { generation: unknown; vocabSize: number; source: string },
) {
  const value = (generation as { eos_token_id?: unknown } | undefined)?.eos_token_id;
  const generated = value !== undefined && value !== null;
  const file = generated ? join(dirname(source), "generation_config.json") : source;
  const ids = check(
    qwenTextSchema.shape.eos_token_id,
    generated ? value : config.text.eos_token_id,
    file,
    generated ? "eos_token_id" : "config.eos_token_id",
  );
  const eosTokenIds = [ids].flat();
  checkTokens(eosTokenIds, vocabSize, file);
  return {
    eosTokenIds,
    defaults: defaultsNote(config, (field) => !(generated && field.endsWith(".eos_token_id"))),
  };
}

/**
 * Reads and checks a Qwen2.5-VL architecture.
 *
 * @example
 * ```ts
 * import { parseCheckpointConfig } from "../checkpoint/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const rope_scaling = { type: "mrope", mrope_section: [16, 24, 24] };
 * const json = {
 *   model_type: "qwen2_5_vl", hidden_size: 3584, num_attention_heads: 28, num_key_value_heads: 4,
 *   rope_scaling, vision_config: { hidden_size: 1280 },
 * };
 * const { text, vision } = readQwenConfig(parseCheckpointConfig(json, "config.json"));
 * assertEquals([text.headDim, text.ropeTheta, vision.depth], [128, 1000000, 32]);
 * ```
 *
 * @param config config.json, as `parseCheckpointConfig` gives it.
 * @param options generation_config.json, and a name for error messages.
 * @returns The architecture.
 * @throws {Error} if it is another architecture, or if fields are missing or disagree; names them.
 */
export function readQwenConfig(
  config: CheckpointConfig,
  { generation, source = "config.json" }: ReadQwenConfigOptions = {},
): QwenConfig {
  if (config.modelType !== "qwen2_5_vl") {
    fail(source, `model_type is ${valueText(config.modelType)}, not "qwen2_5_vl"`);
  }
  const text = readText(config, source);
  const vision = readVision(config, source);
  if (vision.outHiddenSize !== text.hiddenSize) {
    fail(
      source,
      `${describeField(config, "vision_config.out_hidden_size")} is not ` +
        describeField(config, "text_config.hidden_size"),
    );
  }
  const tokens = check(qwenTokensSchema, config.tokens, source, "config");
  const { vocabSize } = text;
  checkTokens([tokens.image_token_id, tokens.video_token_id], vocabSize, source);
  return {
    text,
    vision,
    imageTokenId: tokens.image_token_id,
    videoTokenId: tokens.video_token_id,
    visionStartTokenId: tokens.vision_start_token_id,
    visionEndTokenId: tokens.vision_end_token_id,
    ...readEos(config, { generation, vocabSize, source }),
  };
}

/**
 * Reads the architecture of a checkpoint, generation_config.json included, and checks it against
 * the tensors.
 *
 * @param checkpoint An open checkpoint.
 * @throws {Error} as {@linkcode readQwenConfig}; if tensors are missing or of other shapes than the
 * config says, naming fields and tensors.
 */
export function qwenConfigOf(checkpoint: Checkpoint): QwenConfig {
  const { folder, config } = checkpoint;
  const generation = readStrictJson(join(folder, "generation_config.json"));
  const qwen = readQwenConfig(config, { generation, source: join(folder, "config.json") });
  const hasHead = !qwen.text.tieWordEmbeddings || checkpoint.tensors.has("lm_head.weight");
  checkQwenTensors(checkpoint, expectedQwenTensors(qwen, { hasHead }));
  return qwen;
}
