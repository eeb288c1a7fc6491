/**
 * Fields of a Qwen2.5-VL config.json that decide what the model computes: types, and the values
 * that the transformers library takes for a field that is left out (its Qwen2_5_VLConfig,
 * Qwen2_5_VLTextConfig and Qwen2_5_VLVisionConfig).
 *
 * @module
 */
import { z } from "zod";
import type { Family, Fields } from "./config.ts";

const positive = z.int().positive();
const tokenId = z.int().nonnegative();
const silu = z.literal("silu").default("silu");

/** The language model. */
export const qwenTextSchema = z.looseObject({
  vocab_size: positive.default(152064),
  hidden_size: positive.default(8192),
  intermediate_size: positive.default(29568),
  num_hidden_layers: positive.default(80),
  num_attention_heads: positive.default(64),
  /** Null: as many as query heads. */
  num_key_value_heads: positive.nullable().default(8),
  head_dim: positive.nullish(),
  hidden_act: silu,
  rms_norm_eps: z.number().positive().default(1e-5),
  rope_theta: z.number().positive().default(1e6),
  rope_type: z.string().default("default"),
  /** Without a default: the library refuses to run without it too. */
  mrope_section: z.tuple([positive, positive, positive]),
  tie_word_embeddings: z.boolean().default(false),
  max_position_embeddings: positive.default(32768),
  use_sliding_window: z.boolean().default(false),
  layer_types: z.array(z.string()).nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId).min(1)]).default(151645),
});

/** The vision encoder. Published files have 1280 for `hidden_size`, and always say so. */
export const qwenVisionSchema = z.looseObject({
  depth: positive.default(32),
  hidden_size: positive.default(3584),
  num_heads: positive.default(16),
  intermediate_size: positive.default(3420),
  out_hidden_size: positive.default(3584),
  patch_size: positive.default(14),
  temporal_patch_size: positive.default(2),
  spatial_merge_size: positive.default(2),
  window_size: positive.default(112),
  fullatt_block_indexes: z.array(z.int().nonnegative()).default([7, 15, 23, 31]),
  hidden_act: silu,
  in_channels: z.literal(3).default(3),
});

/** Special tokens. */
export const qwenTokensSchema = z.looseObject({
  image_token_id: tokenId.default(151655),
  video_token_id: tokenId.default(151656),
  vision_start_token_id: tokenId.default(151652),
  vision_end_token_id: tokenId.default(151653),
});

/** Removes fields that are undefined, so that they do not hide others in a spread. */
function stated(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Language model fields in one spelling: rotary ones at the top, whichever version wrote them. */
function textFields(raw: Fields): Fields {
  // As in the library, a nested text_config is all that counts.
  const text = (raw.text_config ?? raw) as Fields;
  const rope = (text.rope_scaling ?? text.rope_parameters ?? {}) as Fields;
  const type = rope.rope_type ?? rope.type;
  return stated({
    ...text,
    rope_theta: rope.rope_theta ?? text.rope_theta,
    // "mrope" is the unscaled kind's older name.
    rope_type: type === "mrope" ? "default" : type,
    mrope_section: rope.mrope_section,
    // Either level may say so: versions differ in which they write.
    tie_word_embeddings: raw.tie_word_embeddings || text.tie_word_embeddings,
    eos_token_id: raw.eos_token_id ?? text.eos_token_id ?? undefined,
  });
}

/** Qwen2.5-VL, in the flat layout (published files) and the nested one (newer library versions). */
export const QWEN2_5_VL: Family = {
  text: { schema: qwenTextSchema, fields: textFields },
  vision: {
    schema: qwenVisionSchema,
    fields: ({ vision_config }) => {
      const vision = (vision_config ?? {}) as Fields;
      return stated({ ...vision, in_channels: vision.in_channels ?? vision.in_chans });
    },
  },
  tokens: { schema: qwenTokensSchema, fields: (raw) => raw },
};
