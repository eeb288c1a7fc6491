import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { SMALL_CONFIG, writeCheckpoint } from "../testing/safetensors_writer.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { Checkpoint } from "./checkpoint.ts";
import { readCheckpointConfig } from "./config.ts";
import { canonicalName, isAnalysedWeight, llmRegion, placeTensor } from "./tensor_place.ts";

const NAME = "model.layers.0.mlp.up_proj.weight";

Deno.test("values come back as written, from any dtype and part", () =>
  withTempFolder((folder) => {
    const values = [1, -0.5, 0.25, 8];
    const shape = [2, 2];
    writeCheckpoint(folder, {
      bf16: { dtype: "BF16", shape, values },
      f16: { dtype: "F16", shape, values },
      f32: { dtype: "F32", shape, values },
      f64: { dtype: "F64", shape, values },
    }, { shards: 3 });
    using checkpoint = Checkpoint.open(folder);
    for (const name of ["bf16", "f16", "f32", "f64"]) {
      assertEquals(Array.from(checkpoint.read(name)), values, name);
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

Deno.test("both layouts of config.json are read", () =>
  withTempFolder((folder) => {
    const path = join(folder, "config.json");
    Deno.writeTextFileSync(path, JSON.stringify(SMALL_CONFIG));
    assertEquals(readCheckpointConfig(folder).numLlmLayers, 3);
    Deno.writeTextFileSync(
      path,
      JSON.stringify({
        model_type: "qwen2_5_vl",
        text_config: { num_hidden_layers: 5 },
        vision_config: { depth: 4 },
      }),
    );
    const { numLlmLayers, visionDepth, modelType } = readCheckpointConfig(folder);
    assertEquals([numLlmLayers, visionDepth, modelType], [5, 4, "qwen2_5_vl"]);
  }));

Deno.test("a broken config is an error that names the file and the field", () =>
  withTempFolder((folder) => {
    const path = join(folder, "config.json");
    assertThrows(() => readCheckpointConfig(folder), Error, "needs config.json");
    Deno.writeTextFileSync(path, "{");
    assertThrows(() => readCheckpointConfig(folder), Error, path);
    Deno.writeTextFileSync(path, "{}");
    assertThrows(() => readCheckpointConfig(folder), Error, "model_type");
    Deno.writeTextFileSync(path, '{"model_type": "x"}');
    assertThrows(() => readCheckpointConfig(folder), Error, "num_hidden_layers");
    Deno.writeTextFileSync(
      path,
      '{"model_type": "x", "num_hidden_layers": 2, "vision_config": {"depth": -1}}',
    );
    assertThrows(() => readCheckpointConfig(folder), Error, "vision_config.depth");
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
    const regions = Array.from({ length: layers }, (_, layer) => llmRegion(layer, layers));
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
