/**
 * Small checkpoints to merge: a few tensors a layer, of any type.
 *
 * @module
 */
import { join } from "node:path";
import { randomSource } from "../../testing/random_source.ts";
import {
  randomNormal,
  type TensorToWrite,
  writeCheckpoint,
} from "../../testing/safetensors_writer.ts";

/** Options of {@linkcode writeSmallModel}. */
export interface SmallModelOptions {
  seed?: number;
  numLayers?: number;
  dtype?: TensorToWrite["dtype"];
  /** Files of weights, default 1. */
  shards?: number;
  /** Changes the tensors before they are written. */
  change?: (tensors: Record<string, TensorToWrite>) => void;
  /** Fields of config.json. */
  config?: Record<string, unknown>;
}

/** Tensors after `model.layers.N.`. */
const LAYER: Readonly<Record<string, number[]>> = {
  "input_layernorm.weight": [6],
  "self_attn.q_proj.weight": [6, 6],
  "self_attn.q_proj.bias": [6],
  "mlp.up_proj.weight": [8, 6],
  "mlp.down_proj.weight": [6, 8],
};

/** Writes a checkpoint with tokenizer files and traces of training; returns its folder. */
export function writeSmallModel(folder: string, options: SmallModelOptions = {}): string {
  const { seed = 1, numLayers = 6, dtype = "BF16", shards, change, config } = options;
  const random = randomSource(seed);
  const tensors: Record<string, TensorToWrite> = {};
  const add = (name: string, shape: number[]) => {
    const count = shape.reduce((product, dimension) => product * dimension, 1);
    tensors[name] = { dtype, shape, values: randomNormal(count, random) };
  };
  add("visual.blocks.0.attn.qkv.weight", [4, 4]);
  add("visual.merger.ln_q.weight", [4]);
  add("model.embed_tokens.weight", [10, 6]);
  for (let layer = 0; layer < numLayers; layer++) {
    for (const [name, shape] of Object.entries(LAYER)) add(`model.layers.${layer}.${name}`, shape);
  }
  add("model.norm.weight", [6]);
  change?.(tensors);
  writeCheckpoint(folder, tensors, {
    shards,
    config: {
      model_type: "qwen2_5_vl",
      num_hidden_layers: numLayers,
      num_attention_heads: 2,
      vision_config: { depth: 1 },
      ...config,
    },
  });
  for (const name of ["tokenizer.json", "generation_config.json", "trainer_state.json"]) {
    Deno.writeTextFileSync(join(folder, name), JSON.stringify({ name, seed }));
  }
  Deno.writeTextFileSync(join(folder, "chat_template.jinja"), "{{ messages }}");
  Deno.writeTextFileSync(join(folder, "README.md"), "model card");
  return folder;
}
