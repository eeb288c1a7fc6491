import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { QWEN2_5_VL } from "../checkpoint/architectures/mod.ts";
import { Checkpoint, type CheckpointConfig, parseCheckpointConfig } from "../checkpoint/mod.ts";
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
  tie_word_embeddings: false,
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
  in_chans: 3,
  hidden_act: "silu",
};

const FLAT: Fields = { ...TEXT, rope_theta: 1e6, rope_scaling: ROPE, ...TOKENS };

/** config.json in the flat layout. */
function flat(text: Fields = {}, vision: Fields = {}): CheckpointConfig {
  const file = { model_type: "qwen2_5_vl", ...FLAT, ...text };
  return parseCheckpointConfig({ ...file, vision_config: { ...VISION, ...vision } }, "config.json");
}

/** config.json in the nested layout, as transformers 5 writes it. */
function nested(text: Fields = {}, top: Fields = {}): CheckpointConfig {
  const rope_parameters = { rope_type: "default", rope_theta: 1e6, mrope_section: [16, 24, 24] };
  const text_config = { ...TEXT, rope_parameters, eos_token_id: 151645, ...text };
  const file = { model_type: "qwen2_5_vl", ...TOKENS, text_config, vision_config: VISION, ...top };
  return parseCheckpointConfig(file, "config.json");
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

Deno.test("the two layouts mean the same", () => {
  assertEquals(readQwenConfig(nested()), readQwenConfig(flat()));
});

Deno.test("beside a text_config, text fields at the top level do not count", () => {
  const { text } = readQwenConfig(nested({ rms_norm_eps: undefined }, { rms_norm_eps: 1 }));
  assertEquals(text.rmsNormEps, 1e-5);
});

/** Every field with a default, in its part of the file. */
const DEFAULTS: [string, Fields, Record<string, unknown>][] = [
  ["text_config", QWEN2_5_VL.config.text.schema.parse({ mrope_section: [16, 24, 24] }), {}],
  ["vision_config", QWEN2_5_VL.config.vision.schema.parse({}), { out_hidden_size: 8192 }],
  ["", QWEN2_5_VL.config.tokens.schema.parse({}), {}],
];

Deno.test("a field that is left out is the library's default, and is listed", () => {
  // The language model of all defaults is 8192 wide, and so must its visual tokens be.
  const { tie_word_embeddings: _, mrope_section, rope_type, rope_theta, ...text } = DEFAULTS[0][1];
  const rope_scaling = { rope_type, rope_theta, mrope_section };
  const file: Record<string, Fields> = {
    text_config: { ...text, rope_scaling, tie_word_embeddings: false },
    vision_config: { ...DEFAULTS[1][1], out_hidden_size: 8192 },
  };
  const read = (part: Record<string, Fields>) =>
    readQwenConfig(
      parseCheckpointConfig(
        { model_type: "qwen2_5_vl", ...DEFAULTS[2][1], ...part },
        "config.json",
      ),
    );
  const stated = read(file);
  assertEquals(stated.defaults, null);
  for (const [part, fields, other] of DEFAULTS) {
    for (const [key, value] of Object.entries(fields)) {
      if (key in other || key === "mrope_section" || key.startsWith("rope_")) continue;
      const left = part === ""
        ? { ...file, [key]: undefined as unknown as Fields }
        : { ...file, [part]: { ...file[part], [key]: undefined } };
      const { defaults, ...config } = read(left);
      assertEquals({ ...config, defaults: null }, stated, key);
      const name = part === "" ? key : `${part}.${key}`;
      assertStringIncludes(defaults!, `hold: ${name} ${JSON.stringify(value)}`);
    }
  }
  const bare = {
    text_config: { rope_scaling: { mrope_section } },
    vision_config: file.vision_config,
  };
  const { defaults, ...config } = read(bare);
  assertEquals({ ...config, defaults: null }, stated);
  assertMatch(defaults!, /text_config.vocab_size 152064, .* and \d+ more$/);
});

Deno.test("generation_config.json's eos_token_id wins", () => {
  const generation = { eos_token_id: [151645, 151643] };
  assertEquals(readQwenConfig(flat(), { generation }).eosTokenIds, [151645, 151643]);
  assertEquals(readQwenConfig(flat(), { generation: {} }).eosTokenIds, [151645]);
});

Deno.test("wrong end tokens are blamed on the file that names them", () => {
  const cases: [unknown, string][] = [["x", ": eos_token_id: "], [
    [1, 152064],
    ": token id 152064",
  ]];
  for (const [eos_token_id, why] of cases) {
    assertThrows(
      () => readQwenConfig(flat(), { generation: { eos_token_id }, source: "X/config.json" }),
      Error,
      `Cannot use X/generation_config.json as a Qwen2.5-VL model${why}`,
    );
    assertThrows(
      () => readQwenConfig(flat({ eos_token_id }), { source: "X/config.json" }),
      Error,
      "Cannot use X/config.json as",
    );
  }
});

Deno.test("end tokens of generation_config.json are no default", () => {
  const config = flat({ eos_token_id: undefined });
  assertStringIncludes(readQwenConfig(config).defaults!, "text_config.eos_token_id 151645");
  const generation = { eos_token_id: 151643 };
  assertEquals(readQwenConfig(config, { generation }).defaults, null);
});

Deno.test("tied embeddings may be said at either level", () => {
  const tied = (config: CheckpointConfig) => readQwenConfig(config).text.tieWordEmbeddings;
  assertEquals(tied(nested({ tie_word_embeddings: true })), true);
  assertEquals(tied(nested({ tie_word_embeddings: true }, { tie_word_embeddings: false })), true);
  assertEquals(tied(nested({ tie_word_embeddings: false }, { tie_word_embeddings: true })), true);
  assertEquals(tied(nested({ tie_word_embeddings: false })), false);
  assertEquals(tied(flat({ tie_word_embeddings: true })), true);
});

Deno.test("null key/value heads mean as many as query heads", () => {
  assertEquals(readQwenConfig(flat({ num_key_value_heads: null })).text.numKvHeads, 28);
});

const to = (from: number, end: number) => Array.from({ length: end - from }, (_, i) => from + i);

const BROKEN: [string, CheckpointConfig, string][] = [
  [
    "architecture",
    flat({ model_type: "llava" }),
    'model_type is "llava", which is not known; known are "qwen2_5_vl" (Qwen2.5-VL), "qwen2_vl" (',
  ],
  [
    "default width",
    flat({ hidden_size: undefined }),
    "text_config.hidden_size 8192 (the library's",
  ],
  ["null", flat({ hidden_size: null }), "text_config.hidden_size"],
  ["wrong type", flat({ vocab_size: "many" }), "text_config.vocab_size"],
  ["odd heads", flat({ num_attention_heads: 27 }), "num_attention_heads 27"],
  ["key/value heads", flat({ num_key_value_heads: 5 }), "num_key_value_heads 5"],
  ["head_dim", flat({ head_dim: 64 }), "head_dim 64"],
  ["no rope", flat({ rope_scaling: null }), "mrope_section, which has no default"],
  ["scaled rope", flat({ rope_scaling: { ...ROPE, type: "yarn" } }), 'rope type "yarn"'],
  [
    "sections",
    flat({ rope_scaling: { type: "mrope", mrope_section: [16, 24, 25] } }),
    "adds up to 65",
  ],
  ["sliding window", flat({ use_sliding_window: true }), "sliding window"],
  ["activation", flat({ hidden_act: "gelu" }), "text_config.hidden_act"],
  ["image token", flat({ image_token_id: "a" }), "image_token_id"],
  ["token outside", flat({ image_token_id: 152064 }), "token id 152064"],
  ["eos", flat({ eos_token_id: [] }), "eos_token_id"],
  ["many ids", flat({ eos_token_id: to(152064, 152104) }), "152073 and 30 more is outside"],
  ["vision field", flat({}, { window_size: "large" }), "vision_config.window_size"],
  ["many blocks", flat({}, { depth: 2, fullatt_block_indexes: to(2, 42) }), "11 and 30 more of 2"],
  ["vision heads", flat({}, { num_heads: 15 }), "num_heads 15"],
  ["small window", flat({}, { window_size: 14 }), "window_size 14"],
  ["block outside", flat({}, { fullatt_block_indexes: [7, 32] }), "32] names block 32 of 32"],
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

Deno.test("any value in any field is read, or refused in one short line", () => {
  const sound = {
    text_config: { ...TEXT, rope_parameters: { ...ROPE, rope_theta: 1e6 } } as Fields,
    vision_config: VISION,
    ...TOKENS,
  };
  const places = Object.entries(sound).flatMap(([part, fields]) =>
    typeof fields === "object"
      ? [[part], ...Object.keys(fields).map((key) => [part, key])]
      : [[part]]
  );
  const value = fc.oneof(
    fc.jsonValue(),
    fc.integer(),
    fc.constantFrom(null, "", "x".repeat(1e5), to(0, 1e5), 1e300, -0, 0, true, {}, []),
  );
  let read = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...places), value), { maxLength: 3 }),
      (changes) => {
        const file: Fields = { model_type: "qwen2_5_vl", ...structuredClone(sound) };
        for (const [[part, key], changed] of changes) {
          const fields = file[part] as Fields;
          if (key === undefined || typeof fields !== "object" || !fields) file[part] = changed;
          else fields[key] = changed;
        }
        try {
          const config = readQwenConfig(parseCheckpointConfig(file, "config.json"));
          assert(Number.isInteger(config.text.headDim) && config.vision.depth > 0);
          read++;
        } catch (error) {
          assert(
            error instanceof Error && /^Cannot (?:read|use|run) config.json/.test(error.message),
          );
          assert(error.message.length < 3000 && !/\n/.test(error.message), error.message);
        }
      },
    ),
    { numRuns: 1000 },
  );
  assert(read > 0);
});
