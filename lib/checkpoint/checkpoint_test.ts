import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { writeCheckpoint } from "../testing/safetensors_writer.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { Checkpoint } from "./checkpoint.ts";
import { readCheckpointConfig } from "./config.ts";
import { canonicalName, isAnalysedWeight, placeTensor } from "./tensor_place.ts";
import { thirdOf } from "../thirds.ts";

const NAME = "model.layers.0.mlp.up_proj.weight";

Deno.test("values come back as written, from any dtype and part", () =>
  withTempFolder((folder) => {
    const values = [1, -0.5, 0.25, 8];
    const shape = [2, 2];
    writeCheckpoint(folder, {
      "model.layers.0.bf16": { dtype: "BF16", shape, values },
      "model.layers.0.f16": { dtype: "F16", shape, values },
      "model.layers.0.f32": { dtype: "F32", shape, values },
      "model.layers.0.f64": { dtype: "F64", shape, values },
    }, { shards: 3 });
    using checkpoint = Checkpoint.open(folder);
    for (const name of ["bf16", "f16", "f32", "f64"]) {
      assertEquals(Array.from(checkpoint.read(`model.layers.0.${name}`)), values, name);
    }
    assertThrows(() => checkpoint.read("g"), Error, "no tensor g");
  }));

Deno.test("both generations of names are one", () =>
  withTempFolder((folder) => {
    const tensor = { dtype: "F32" as const, shape: [1], values: [3] };
    writeCheckpoint(folder, { "model.language_model.layers.0.mlp.up_proj.weight": tensor });
    using checkpoint = Checkpoint.open(folder);
    assertEquals(checkpoint.read(NAME)[0], 3);
  }));

Deno.test("the same tensor under both names is an error", () =>
  withTempFolder((folder) => {
    const tensor = { dtype: "F32" as const, shape: [1], values: [3] };
    writeCheckpoint(folder, {
      [NAME]: tensor,
      "model.language_model.layers.0.mlp.up_proj.weight": tensor,
    });
    assertThrows(() => Checkpoint.open(folder), Error, "name the same tensor");
  }));

Deno.test("a folder that is not there is named by its whole path", () => {
  assertThrows(() => Checkpoint.open("/no/such"), Error, "/no/such: there is no such folder");
});

const TENSOR = { dtype: "F32" as const, shape: [1], values: [1] };

/** Opens a checkpoint with tensors of these vision blocks and LLM layers. */
function openWith(
  config: Record<string, unknown>,
  { blocks = [] as number[], layers = [] as number[] },
): Promise<Checkpoint> {
  const names = [
    ...blocks.map((block) => `visual.blocks.${block}.mlp.up_proj.weight`),
    ...layers.map((layer) => `model.language_model.layers.${layer}.mlp.up_proj.weight`),
  ];
  return withTempFolder((folder) => {
    writeCheckpoint(folder, Object.fromEntries(names.map((name) => [name, TENSOR])), { config });
    const checkpoint = Checkpoint.open(folder);
    checkpoint.close();
    return checkpoint;
  });
}

const to = (count: number) => Array.from({ length: count }, (_, i) => i);

Deno.test("counts are read in both layouts, stated or left to the library's defaults", async () => {
  const cases: [Record<string, unknown>, number, number, string[]][] = [
    [{ num_hidden_layers: 3, vision_config: { depth: 2 } }, 3, 2, []],
    [{ text_config: { num_hidden_layers: 3 }, vision_config: { depth: 2 } }, 3, 2, []],
    [{ num_hidden_layers: 3, vision_config: { hidden_size: 1280 } }, 3, 32, ["depth"]],
    [{ num_hidden_layers: 3 }, 3, 32, ["depth"]],
    [{ text_config: { hidden_size: 64 }, vision_config: { depth: 2 } }, 80, 2, [
      "num_hidden_layers",
    ]],
    // A nested text_config is all that counts, as in the library.
    [{ num_hidden_layers: 3, text_config: {}, vision_config: {} }, 80, 32, [
      "num_hidden_layers",
      "depth",
    ]],
  ];
  for (const [config, layers, blocks, left] of cases) {
    const stated = { model_type: "qwen2_5_vl", ...config };
    const opened = await openWith(stated, { layers: to(layers), blocks: to(blocks) });
    assertEquals([opened.config.numLlmLayers, opened.config.visionDepth], [layers, blocks]);
    const counts = [...opened.config.defaulted.keys()]
      .map((field) => field.split(".")[1])
      .filter((key) => key === "num_hidden_layers" || key === "depth");
    assertEquals(counts, left, JSON.stringify(config));
  }
});

Deno.test("a family that is not known has no defaults; its vision blocks are counted", async () => {
  const config = { model_type: "other_vl", num_hidden_layers: 2 };
  const opened = await openWith(config, { layers: to(2), blocks: to(5) });
  assertEquals([opened.config.visionDepth, opened.config.defaulted.size], [5, 0]);
});

Deno.test("counts that disagree with the tensors are refused with both, at once", async () => {
  const cases: [Record<string, unknown>, number[], number[], string][] = [
    [{ num_hidden_layers: 300_000 }, to(2), [], "num_hidden_layers 300000 disagrees"],
    [{ num_hidden_layers: 2 }, to(3), [], "tensors of 3 LLM layers"],
    [{ num_hidden_layers: 3 }, [0, 2], [], "tensors of 2 LLM layers, none of LLM layer 1"],
    [{ num_hidden_layers: 2, vision_config: { depth: 2 } }, to(2), to(3), "of 3 vision blocks"],
    [{ num_hidden_layers: 2, vision_config: {} }, to(2), to(31), "depth 32 (the library's default"],
    [{ num_hidden_layers: 2, vision_config: {} }, to(2), [], "tensors of 0 vision blocks"],
    [
      { num_hidden_layers: 30 },
      to(30).map((i) => 2 * i),
      [],
      "none of LLM layer 1, 3, 5, 7, 9, 11, 13, 15, 17, 19 and 5 more",
    ],
  ];
  for (const [config, layers, blocks, words] of cases) {
    const stated = { model_type: "qwen2_5_vl", vision_config: { depth: 9 }, ...config };
    await assertRejects(() => openWith(stated, { layers, blocks }), Error, words);
  }
});

Deno.test("a broken config is an error that names the file and the field", () =>
  withTempFolder((folder) => {
    const path = join(folder, "config.json");
    assertThrows(() => readCheckpointConfig(folder), Error, "needs config.json");
    const cases: [string, string][] = [
      ["{", path],
      ["{}", "model_type"],
      ['{"model_type": "x"}', "num_hidden_layers"],
      ['{"model_type": "qwen2_5_vl", "num_hidden_layers": null}', "text_config.num_hidden_layers"],
      ['{"model_type": "qwen2_5_vl", "text_config": 3}', "text_config"],
      ['{"model_type": "x", "num_hidden_layers": 2, "vision_config": {"depth": -1}}', "depth"],
      ['{"model_type": "x", "num_hidden_layers": 2, "num_hidden_layers": 3}', "stands twice"],
    ];
    for (const [text, words] of cases) {
      Deno.writeTextFileSync(path, text);
      assertThrows(() => readCheckpointConfig(folder), Error, words);
      assertThrows(() => readCheckpointConfig(folder), Error, path);
    }
  }));

Deno.test("names are placed as the original places them", () => {
  const place = (name: string) => {
    const found = placeTensor(name, 32);
    return found && [found.layerIdx, found.section, found.component];
  };
  const cases: [string, unknown][] = [
    ["visual.blocks.0.attn.qkv.weight", [-32, "Vision Encoder", "Attention"]],
    ["visual.blocks.31.mlp.down_proj.weight", [-1, "Vision Encoder", "MLP"]],
    ["model.visual.blocks.31.norm1.weight", [-1, "Vision Encoder", "Other"]],
    ["visual.merger.mlp.0.weight", [0, "Projector", "MLP"]],
    ["visual.merger.ln_q.weight", [0, "Projector", "Other"]],
    ["model.layers.0.self_attn.q_proj.weight", [1, "LLM Backbone", "Attention"]],
    ["model.language_model.layers.27.mlp.gate_proj.weight", [28, "LLM Backbone", "MLP"]],
    ["visual.patch_embed.proj.weight", null],
    ["model.embed_tokens.weight", null],
    ["model.norm.weight", null],
    ["lm_head.weight", null],
  ];
  for (const [name, expected] of cases) assertEquals(place(name), expected, name);
  assertEquals(placeTensor("visual.blocks.2.attn.qkv.weight", 6)?.layerIdx, -4);
});

Deno.test("norms and biases are not analysed, the projector's ln_q is", () => {
  assertEquals(isAnalysedWeight("visual.merger.ln_q.weight"), true);
  assertEquals(isAnalysedWeight("model.layers.0.input_layernorm.weight"), false);
  assertEquals(isAnalysedWeight("model.layers.0.q_Norm.weight"), false);
  assertEquals(isAnalysedWeight("model.layers.0.self_attn.q_proj.bias"), false);
});

Deno.test("thirds of 28 layers are 9, 9 and 10; of 12, four each", () => {
  const sizes = (layers: number) => {
    const regions = Array.from({ length: layers }, (_, layer) => thirdOf(layer, layers));
    return ["early", "middle", "late"].map((region) => regions.filter((r) => r === region).length);
  };
  assertEquals(sizes(28), [9, 9, 10]);
  assertEquals(sizes(12), [4, 4, 4]);
  assertEquals(sizes(2), [0, 0, 2]);
});

Deno.test("canonical names leave other names alone", () => {
  assertEquals(canonicalName("lm_head.weight"), "lm_head.weight");
  assertEquals(canonicalName("model.language_model.norm.weight"), "model.norm.weight");
});
