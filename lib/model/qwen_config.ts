/**
 * The architecture of a Qwen2.5-VL checkpoint, read off its config.json in either layout and
 * checked, so that no later step meets a field that is missing or contradicts another.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import type { CheckpointConfig } from "../checkpoint/mod.ts";
import { readStrictJson } from "../strict_json.ts";

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
}

/** Options of {@linkcode readQwenConfig}. */
export interface ReadQwenConfigOptions {
  /** Parsed generation_config.json; its eos_token_id wins over config.json's. */
  generation?: unknown;
  /** What error messages call the file, default "config.json". */
  source?: string;
}

const positive = z.int().positive();
const tokenId = z.int().nonnegative();
const eosIds = z.union([tokenId.transform((id) => [id]), z.array(tokenId).min(1)]);

const ropeSchema = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().positive().optional(),
  mrope_section: z.tuple([positive, positive, positive]),
});

const textSchema = z.looseObject({
  hidden_size: positive,
  intermediate_size: positive,
  num_hidden_layers: positive,
  num_attention_heads: positive,
  num_key_value_heads: positive.nullish(),
  head_dim: positive.nullish(),
  hidden_act: z.literal("silu").default("silu"),
  rms_norm_eps: z.number().positive().default(1e-5),
  rope_theta: z.number().positive().optional(),
  rope_parameters: ropeSchema.nullish(),
  rope_scaling: ropeSchema.nullish(),
  vocab_size: positive,
  tie_word_embeddings: z.boolean().default(false),
  max_position_embeddings: positive.default(32768),
  use_sliding_window: z.boolean().default(false),
  layer_types: z.array(z.string()).nullish(),
});

const visionSchema = z.looseObject({
  depth: positive,
  hidden_size: positive,
  num_heads: positive,
  intermediate_size: positive,
  out_hidden_size: positive,
  patch_size: positive,
  temporal_patch_size: positive.default(2),
  spatial_merge_size: positive.default(2),
  window_size: positive,
  fullatt_block_indexes: z.array(z.int().nonnegative()),
  hidden_act: z.literal("silu").default("silu"),
  in_channels: z.literal(3).optional(),
  in_chans: z.literal(3).optional(),
});

const tokensSchema = z.looseObject({
  image_token_id: tokenId,
  video_token_id: tokenId,
  vision_start_token_id: tokenId,
  vision_end_token_id: tokenId,
});

const eosSchema = z.looseObject({ eos_token_id: eosIds });

function fail(source: string, why: string): never {
  throw new Error(`Cannot use ${source} as a Qwen2.5-VL model: ${why}`);
}

function check<T>(schema: z.ZodType<T>, value: unknown, source: string, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  fail(
    source,
    parsed.error.issues.map(({ path, message }) => `${[where, ...path].join(".")}: ${message}`)
      .join("; "),
  );
}

function readText(config: CheckpointConfig, source: string): QwenTextConfig {
  const text = check(textSchema, config.text, source, "text_config");
  const hiddenSize = text.hidden_size;
  const numHeads = text.num_attention_heads;
  const numKvHeads = text.num_key_value_heads ?? numHeads;
  const headDim = hiddenSize / numHeads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    fail(
      source,
      `hidden_size ${hiddenSize} over num_attention_heads ${numHeads} is ${headDim}, where an ` +
        "even number is needed",
    );
  }
  if (text.head_dim && text.head_dim !== headDim) {
    fail(source, `head_dim ${text.head_dim} is not hidden_size / num_attention_heads = ${headDim}`);
  }
  if (numHeads % numKvHeads !== 0) {
    fail(
      source,
      `num_key_value_heads ${numKvHeads} does not divide num_attention_heads ${numHeads}`,
    );
  }
  // transformers 5 writes rope_parameters, older versions rope_scaling and rope_theta beside it.
  const rope = text.rope_parameters ?? text.rope_scaling;
  if (!rope) {
    fail(source, "it has neither rope_parameters nor rope_scaling, so mrope_section is unknown");
  }
  const ropeType = rope.rope_type ?? rope.type ?? "default";
  if (ropeType !== "default" && ropeType !== "mrope") {
    fail(source, `rope type ${JSON.stringify(ropeType)} is not supported (only mrope, unscaled)`);
  }
  const sections = rope.mrope_section.reduce((sum, section) => sum + section, 0);
  if (sections !== headDim / 2) {
    fail(
      source,
      `mrope_section [${
        rope.mrope_section.join(", ")
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
    ropeTheta: rope.rope_theta ?? text.rope_theta ?? 1e6,
    mropeSection: rope.mrope_section,
    vocabSize: text.vocab_size,
    // Either level may say so: versions differ in which they write.
    tieWordEmbeddings: text.tie_word_embeddings || config.raw.tie_word_embeddings === true,
    maxPositionEmbeddings: text.max_position_embeddings,
  };
}

function readVision(config: CheckpointConfig, source: string): QwenVisionConfig {
  const vision = check(visionSchema, config.vision, source, "vision_config");
  const headDim = vision.hidden_size / vision.num_heads;
  if (!Number.isInteger(headDim) || headDim % 4 !== 0) {
    fail(
      source,
      `vision_config.hidden_size ${vision.hidden_size} over num_heads ${vision.num_heads} is ` +
        `${headDim}, where a multiple of 4 is needed`,
    );
  }
  const token = vision.patch_size * vision.spatial_merge_size;
  if (vision.window_size < token) {
    fail(
      source,
      `vision_config.window_size ${vision.window_size} is below patch_size x spatial_merge_size = ` +
        `${token}`,
    );
  }
  const outside = vision.fullatt_block_indexes.filter((block) => block >= vision.depth);
  if (outside.length > 0) {
    fail(
      source,
      `vision_config.fullatt_block_indexes names block ${outside.join(", ")} of ${vision.depth}`,
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

/** generation_config.json, then config.json's top level, then text_config. */
function readEos(config: CheckpointConfig, generation: unknown, source: string): number[] {
  for (const place of [generation, config.raw, config.text]) {
    const value = (place as { eos_token_id?: unknown } | undefined)?.eos_token_id;
    if (value === undefined || value === null) continue;
    return check(
      eosSchema,
      { eos_token_id: value },
      source,
      place === generation ? "generation_config" : "config",
    ).eos_token_id;
  }
  fail(source, "neither generation_config.json nor config.json gives eos_token_id");
}

/**
 * Reads and checks a Qwen2.5-VL architecture.
 *
 * @example
 * ```ts
 * const text = {
 *   hidden_size: 64, intermediate_size: 128, num_hidden_layers: 2, num_attention_heads: 4,
 *   num_key_value_heads: 2, vocab_size: 300, rope_theta: 10000,
 *   rope_scaling: { type: "mrope", mrope_section: [2, 3, 3] },
 *   image_token_id: 1, video_token_id: 2, vision_start_token_id: 3, vision_end_token_id: 4,
 *   eos_token_id: 5,
 * };
 * const vision = {
 *   depth: 2, hidden_size: 32, num_heads: 2, intermediate_size: 64, out_hidden_size: 64,
 *   patch_size: 14, window_size: 56, fullatt_block_indexes: [1],
 * };
 * const config = { modelType: "qwen2_5_vl", numLlmLayers: 2, visionDepth: 2, text, vision, raw: text };
 * console.log(readQwenConfig(config).text.headDim); // 16
 * ```
 *
 * @param config config.json, as `readCheckpointConfig` gives it.
 * @param options generation_config.json, and a name for error messages.
 * @returns The architecture; defaults are those of the transformers library.
 * @throws {Error} if it is another architecture, or if fields are missing or disagree; names them.
 */
export function readQwenConfig(
  config: CheckpointConfig,
  { generation, source = "config.json" }: ReadQwenConfigOptions = {},
): QwenConfig {
  if (config.modelType !== "qwen2_5_vl") {
    fail(source, `model_type is ${JSON.stringify(config.modelType)}, not "qwen2_5_vl"`);
  }
  const text = readText(config, source);
  const vision = readVision(config, source);
  if (vision.outHiddenSize !== text.hiddenSize) {
    fail(
      source,
      `vision_config.out_hidden_size ${vision.outHiddenSize} is not the language model's ` +
        `hidden_size ${text.hiddenSize}`,
    );
  }
  const tokens = check(tokensSchema, { ...config.text, ...config.raw }, source, "config");
  const result: QwenConfig = {
    text,
    vision,
    imageTokenId: tokens.image_token_id,
    videoTokenId: tokens.video_token_id,
    visionStartTokenId: tokens.vision_start_token_id,
    visionEndTokenId: tokens.vision_end_token_id,
    eosTokenIds: readEos(config, generation, source),
  };
  const ids = [tokens.image_token_id, tokens.video_token_id, ...result.eosTokenIds];
  const beyond = ids.filter((id) => id >= text.vocabSize);
  if (beyond.length > 0) {
    fail(source, `token id ${beyond.join(", ")} is outside of vocab_size ${text.vocabSize}`);
  }
  return result;
}

/**
 * Reads and checks the architecture of a checkpoint, generation_config.json included.
 *
 * @param checkpoint An open checkpoint.
 * @throws {Error} as {@linkcode readQwenConfig}.
 */
export function qwenConfigOf(
  { folder, config }: { folder: string; config: CheckpointConfig },
): QwenConfig {
  const generation = readStrictJson(join(folder, "generation_config.json"));
  return readQwenConfig(config, { generation, source: join(folder, "config.json") });
}
