/**
 * What the families built on Qwen2 share: the language model with multimodal rotary positions, the
 * special tokens, and the ends of the vision encoder.
 *
 * @module
 */
import { z } from "zod";
import {
  type Architecture,
  type ConfigPart,
  dimension,
  type Fields,
  linearTensors,
  stated,
} from "./architecture.ts";

export const positive = z.int().positive();
const tokenId = z.int().nonnegative();

const textSchema = z.looseObject({
  vocab_size: positive.default(152064),
  hidden_size: positive.default(8192),
  intermediate_size: positive.default(29568),
  num_hidden_layers: positive.default(80),
  num_attention_heads: positive.default(64),
  /** Null: as many as query heads. */
  num_key_value_heads: positive.nullable().default(8),
  head_dim: positive.nullish(),
  hidden_act: z.literal("silu").default("silu"),
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

const tokensSchema = z.looseObject({
  image_token_id: tokenId.default(151655),
  video_token_id: tokenId.default(151656),
  vision_start_token_id: tokenId.default(151652),
  vision_end_token_id: tokenId.default(151653),
});

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

/** The parts of config.json, in the flat layout (published files) and the nested one (newer). */
export const qwen2Text: ConfigPart<typeof textSchema> = { schema: textSchema, fields: textFields };
export const qwen2Tokens: ConfigPart<typeof tokensSchema> = {
  schema: tokensSchema,
  fields: (raw) => raw,
};

export function qwen2VisionFields({ vision_config }: Fields): Fields {
  const vision = (vision_config ?? {}) as Fields;
  return stated({ ...vision, in_channels: vision.in_channels ?? vision.in_chans });
}

/** Fields that both vision encoders have. */
export const qwen2VisionShape = {
  depth: positive.default(32),
  num_heads: positive.default(16),
  patch_size: positive.default(14),
  temporal_patch_size: positive.default(2),
  spatial_merge_size: positive.default(2),
  in_channels: z.literal(3).default(3),
};

/** Tensors that both families have. */
export const qwen2Tensors = {
  patches: {
    embed: ["patch_embed.proj.weight", "width", "channels", "frames", "patch", "patch"],
  },
  attention: {
    ...linearTensors("qkv", "attn.qkv", ["qkv", "width"]),
    ...linearTensors("proj", "attn.proj", ["width", "width"]),
  },
  merger: {
    ...linearTensors("merge", "mlp.0", ["merged", "merged"]),
    ...linearTensors("project", "mlp.2", ["out", "merged"]),
  },
  embedding: ["model.embed_tokens.weight", "vocab", "hidden"],
  layer: {
    inputNorm: ["input_layernorm.weight", "hidden"],
    postNorm: ["post_attention_layernorm.weight", "hidden"],
    q: ["self_attn.q_proj.weight", "hidden", "hidden"],
    qBias: ["self_attn.q_proj.bias", "hidden"],
    k: ["self_attn.k_proj.weight", "keys", "hidden"],
    kBias: ["self_attn.k_proj.bias", "keys"],
    v: ["self_attn.v_proj.weight", "keys", "hidden"],
    vBias: ["self_attn.v_proj.bias", "keys"],
    o: ["self_attn.o_proj.weight", "hidden", "hidden"],
    gate: ["mlp.gate_proj.weight", "mlp", "hidden"],
    up: ["mlp.up_proj.weight", "mlp", "hidden"],
    down: ["mlp.down_proj.weight", "hidden", "mlp"],
  },
  finalNorm: ["model.norm.weight", "hidden"],
  head: ["lm_head.weight", "vocab", "hidden"],
} as const satisfies Partial<Architecture["tensors"]> & Record<string, unknown>;

export function qwen2TextDimensions(fields: Fields) {
  const text = textSchema.parse(fields);
  const of = (size: number, ...keys: string[]) => dimension("text_config", size, ...keys);
  const headDim = text.hidden_size / text.num_attention_heads;
  return {
    vocab: of(text.vocab_size, "vocab_size"),
    hidden: of(text.hidden_size, "hidden_size"),
    mlp: of(text.intermediate_size, "intermediate_size"),
    keys: of(
      (text.num_key_value_heads ?? text.num_attention_heads) * headDim,
      "num_key_value_heads",
      "num_attention_heads",
      "hidden_size",
    ),
  };
}

/**
 * Dimensions of the vision encoder.
 *
 * @param names The fields that hold the width of a block and of a visual token.
 */
export function qwen2VisionDimensions(
  vision: z.infer<z.ZodObject<typeof qwen2VisionShape>>,
  { width, out }: Record<"width" | "out", [size: number, key: string]>,
) {
  const of = (size: number, ...keys: string[]) => dimension("vision_config", size, ...keys);
  return {
    width: of(...width),
    qkv: of(3 * width[0], width[1]),
    out: of(...out),
    channels: of(vision.in_channels, "in_channels"),
    frames: of(vision.temporal_patch_size, "temporal_patch_size"),
    patch: of(vision.patch_size, "patch_size"),
    merged: of(width[0] * vision.spatial_merge_size ** 2, "spatial_merge_size", width[1]),
  };
}
