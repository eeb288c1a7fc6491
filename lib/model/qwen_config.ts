/**
 * The sizes of a model, read off its checkpoint's config.json in either layout and checked, so that no later step meets a field that is missing or contradicts another.
 *
 * @module
 */
import { dirname, join } from "node:path";
import {
  checkTensors,
  expectedTensors,
  qwen2Text,
  qwen2Tokens,
} from "../checkpoint/architectures/mod.ts";
import { type Checkpoint, type CheckpointConfig, defaultsNote } from "../checkpoint/mod.ts";
import { listText, valueText } from "../list_text.ts";
import { readStrictJson } from "../strict_json.ts";
import { ConfigReader } from "./architectures/config_reader.ts";
import { modelArchitectureOf } from "./architectures/known.ts";

export interface QwenTextConfig {
  hiddenSize: number;
  intermediateSize: number;
  numLayers: number;
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
  /** Side of an attention window, in pixels; null if every block attends over the whole image. */
  windowSize: number | null;
  /** Blocks that attend over the whole image instead of windows. */
  fullattBlockIndexes: number[];
}

/** The sizes of a model and its special tokens. */
export interface QwenConfig {
  text: QwenTextConfig;
  vision: QwenVisionConfig;
  imageTokenId: number;
  videoTokenId: number;
  visionStartTokenId: number;
  visionEndTokenId: number;
  eosTokenIds: number[];
  /** Words for the fields that config.json leaves out; null if it states them all. */
  defaults: string | null;
}

function readText(reader: ConfigReader): QwenTextConfig {
  const { config } = reader;
  if (config.text.mrope_section === undefined) {
    reader.fail("neither rope_parameters nor rope_scaling has mrope_section, which has no default");
  }
  const text = reader.check(qwen2Text.schema, config.text, "text_config");
  const hiddenSize = text.hidden_size;
  const numHeads = text.num_attention_heads;
  const numKvHeads = text.num_key_value_heads ?? numHeads;
  const [width, heads] = ["text_config.hidden_size", "text_config.num_attention_heads"];
  const headDim = reader.headSize(width, heads, [2, "an even number"]);
  if (text.head_dim && text.head_dim !== headDim) {
    reader.fail(
      `head_dim ${text.head_dim} is not hidden_size / num_attention_heads = ${headDim}`,
    );
  }
  if (numHeads % numKvHeads !== 0) {
    reader.fail(
      `${reader.field("text_config.num_key_value_heads")} does not divide ${reader.field(heads)}`,
    );
  }
  if (text.rope_type !== "default") {
    reader.fail(`rope type ${valueText(text.rope_type)} is not supported (only mrope, unscaled)`);
  }
  const sections = text.mrope_section.reduce((sum, section) => sum + section, 0);
  if (sections !== headDim / 2) {
    reader.fail(
      `mrope_section [${text.mrope_section.join(", ")}] adds up to ${sections}, where half of ` +
        `the head's ${headDim} dimensions is ${headDim / 2}`,
    );
  }
  const sliding = text.use_sliding_window ||
    text.layer_types?.some((type) => type !== "full_attention");
  if (sliding) reader.fail("sliding window attention in the language model is not supported");
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

/** Checks that the vocabulary has tokens; `source` is the file that names them. */
function checkTokens(
  reader: ConfigReader,
  ids: readonly number[],
  vocabSize: number,
  source?: string,
) {
  const beyond = ids.filter((id) => id >= vocabSize);
  if (beyond.length === 0) return;
  reader.fail(`token id ${listText(beyond)} is outside of vocab_size ${vocabSize}`, source);
}

/** generation_config.json's end tokens, else config.json's; and which defaults are used. */
function readEos(
  reader: ConfigReader,
  { generation, vocabSize }: { generation: unknown; vocabSize: number },
) {
  const { config, source } = reader;
  const value = (generation as { eos_token_id?: unknown } | undefined)?.eos_token_id;
  const generated = value !== undefined && value !== null;
  const file = generated ? join(dirname(source), "generation_config.json") : source;
  const ids = reader.check(
    qwen2Text.schema.shape.eos_token_id,
    generated ? value : config.text.eos_token_id,
    generated ? "eos_token_id" : "config.eos_token_id",
    file,
  );
  const eosTokenIds = [ids].flat();
  checkTokens(reader, eosTokenIds, vocabSize, file);
  return {
    eosTokenIds,
    defaults: defaultsNote(config, (field) => !(generated && field.endsWith(".eos_token_id"))),
  };
}

/**
 * Reads and checks the sizes of a model of a known family.
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
 * @param options Parsed generation_config.json, whose eos_token_id wins over config.json's, and what
 * messages call the file.
 * @returns The architecture.
 * @throws {Error} if the family is not known, or if fields are missing or disagree; names them.
 */
export function readQwenConfig(
  config: CheckpointConfig,
  { generation, source = "config.json" }: { generation?: unknown; source?: string } = {},
): QwenConfig {
  const { data, readVision } = modelArchitectureOf(config, source);
  const reader = new ConfigReader(config, source, data.label);
  const text = readText(reader);
  const vision = readVision(reader);
  if (vision.outHiddenSize !== text.hiddenSize) {
    const [field] = data.dimensions(config).out.fields;
    reader.fail(`${reader.field(field)} is not ${reader.field("text_config.hidden_size")}`);
  }
  const tokens = reader.check(qwen2Tokens.schema, config.tokens, "config");
  const { vocabSize } = text;
  checkTokens(reader, [tokens.image_token_id, tokens.video_token_id], vocabSize);
  return {
    text,
    vision,
    imageTokenId: tokens.image_token_id,
    videoTokenId: tokens.video_token_id,
    visionStartTokenId: tokens.vision_start_token_id,
    visionEndTokenId: tokens.vision_end_token_id,
    ...readEos(reader, { generation, vocabSize }),
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
  const source = join(folder, "config.json");
  const generation = readStrictJson(join(folder, "generation_config.json"));
  const qwen = readQwenConfig(config, { generation, source });
  const { data } = modelArchitectureOf(config, source);
  const hasHead = !qwen.text.tieWordEmbeddings || checkpoint.tensors.has(data.tensors.head[0]);
  checkTensors(checkpoint, expectedTensors(data, config, { hasHead }));
  return qwen;
}
