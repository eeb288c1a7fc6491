import { assertEquals, assertThrows } from "@std/assert";
import { Checkpoint, type CheckpointConfig } from "../checkpoint/mod.ts";
import { qwenConfigOf, readQwenConfig } from "./qwen_config.ts";
import { readReference, repositoryFile, testdata } from "./testdata/reference.ts";

type Fields = Record<string, unknown>;

const TEXT: Fields = {
  vocab_size: 152064,
  hidden_size: 3584,
  intermediate_size: 18944,
  num_hidden_layers: 28,
  num_attention_heads: 28,
  num_key_value_heads: 4,
  hidden_act: "silu",
  max_position_embeddings: 128000,
  rms_norm_eps: 1e-6,
  use_sliding_window: false,
};
const ROPE = { type: "mrope", mrope_section: [16, 24, 24] };
const TOKENS: Fields = {
  image_token_id: 151655,
  video_token_id: 151656,
  vision_start_token_id: 151652,
  vision_end_token_id: 151653,
  eos_token_id: 151645,
};
const VISION: Fields = {
  depth: 32,
  hidden_size: 1280,
  num_heads: 16,
  intermediate_size: 3420,
  out_hidden_size: 3584,
  patch_size: 14,
  spatial_merge_size: 2,
  temporal_patch_size: 2,
  window_size: 112,
  fullatt_block_indexes: [7, 15, 23, 31],
  hidden_act: "silu",
};

function flat(text: Fields = {}, vision: Fields = {}): CheckpointConfig {
  const raw = {
    ...TEXT,
    rope_theta: 1e6,
    rope_scaling: ROPE,
    ...TOKENS,
    ...text,
    vision_config: { ...VISION, ...vision },
  };
  const { vision_config, ...top } = raw;
  return {
    modelType: "qwen2_5_vl",
    numLlmLayers: 28,
    visionDepth: 32,
    text: top,
    vision: vision_config,
    raw,
  };
}

Deno.test("the published 7B shape", () => {
  const config = readQwenConfig(flat());
  assertEquals(config.text, {
    hiddenSize: 3584,
    intermediateSize: 18944,
    numLayers: 28,
    numHeads: 28,
    numKvHeads: 4,
    headDim: 128,
    rmsNormEps: 1e-6,
    ropeTheta: 1e6,
    mropeSection: [16, 24, 24],
    vocabSize: 152064,
    tieWordEmbeddings: false,
    maxPositionEmbeddings: 128000,
  });
  assertEquals(config.vision.fullattBlockIndexes, [7, 15, 23, 31]);
  assertEquals([config.imageTokenId, config.videoTokenId], [151655, 151656]);
  assertEquals([config.visionStartTokenId, config.visionEndTokenId], [151652, 151653]);
  assertEquals(config.eosTokenIds, [151645]);
});

Deno.test("rope_parameters of the nested layout mean the same as rope_scaling", () => {
  const { rope_theta: _, rope_scaling: __, ...text } = flat().text;
  const rope = { rope_type: "default", rope_theta: 1e6, mrope_section: [16, 24, 24] };
  const nested = { ...flat(), text: { ...text, rope_parameters: rope } };
  assertEquals(readQwenConfig(nested), readQwenConfig(flat()));
});

Deno.test("generation_config.json's eos_token_id wins", () => {
  const generation = { eos_token_id: [151645, 151643] };
  assertEquals(readQwenConfig(flat(), { generation }).eosTokenIds, [151645, 151643]);
  assertEquals(readQwenConfig(flat(), { generation: {} }).eosTokenIds, [151645]);
});

Deno.test("tied embeddings may be said at either level", () => {
  const tied = (level: "text" | "raw") => {
    const config = flat({ tie_word_embeddings: false });
    config[level] = { ...config[level], tie_word_embeddings: true };
    return readQwenConfig(config).text.tieWordEmbeddings;
  };
  assertEquals([tied("text"), tied("raw")], [true, true]);
});

Deno.test("missing key/value heads mean as many as query heads", () => {
  assertEquals(readQwenConfig(flat({ num_key_value_heads: undefined })).text.numKvHeads, 28);
});

const BROKEN: [string, CheckpointConfig, string][] = [
  ["architecture", { ...flat(), modelType: "qwen2_vl" }, 'model_type is "qwen2_vl"'],
  ["missing field", flat({ hidden_size: undefined }), "text_config.hidden_size"],
  ["wrong type", flat({ vocab_size: "many" }), "text_config.vocab_size"],
  ["odd heads", flat({ num_attention_heads: 27 }), "num_attention_heads 27"],
  ["key/value heads", flat({ num_key_value_heads: 5 }), "num_key_value_heads 5"],
  ["head_dim", flat({ head_dim: 64 }), "head_dim 64"],
  ["no rope", flat({ rope_scaling: null }), "neither rope_parameters nor rope_scaling"],
  ["scaled rope", flat({ rope_scaling: { ...ROPE, type: "yarn" } }), 'rope type "yarn"'],
  [
    "sections",
    flat({ rope_scaling: { type: "mrope", mrope_section: [16, 24, 25] } }),
    "adds up to 65",
  ],
  ["sliding window", flat({ use_sliding_window: true }), "sliding window"],
  ["activation", flat({ hidden_act: "gelu" }), "text_config.hidden_act"],
  ["image token", flat({ image_token_id: undefined }), "image_token_id"],
  ["token outside", flat({ image_token_id: 152064 }), "token id 152064"],
  ["eos", flat({ eos_token_id: undefined }), "eos_token_id"],
  ["vision field", flat({}, { window_size: undefined }), "vision_config.window_size"],
  ["vision heads", flat({}, { num_heads: 15 }), "num_heads 15"],
  ["small window", flat({}, { window_size: 14 }), "window_size 14"],
  ["block outside", flat({}, { fullatt_block_indexes: [7, 32] }), "names block 32 of 32"],
  ["widths", flat({}, { out_hidden_size: 2048 }), "out_hidden_size 2048"],
];
for (const [name, config, message] of BROKEN) {
  Deno.test(`refused: ${name}`, () => {
    assertThrows(() => readQwenConfig(config, { source: "X/config.json" }), Error, message);
    assertThrows(() => readQwenConfig(config, { source: "X/config.json" }), Error, "X/config.json");
  });
}

Deno.test("reads the checkpoints of both layouts", () => {
  using random = Checkpoint.open(testdata("random-qwen"));
  const config = qwenConfigOf(random);
  assertEquals(config.text.mropeSection, [2, 3, 3]);
  assertEquals(config.text.ropeTheta, 1e6);
  assertEquals(config.text.tieWordEmbeddings, false);
  assertEquals(config.eosTokenIds.length, 2);
  using tiny = Checkpoint.open(repositoryFile(readReference("tiny").meta.model));
  assertEquals(qwenConfigOf(tiny).text.tieWordEmbeddings, true);
});
