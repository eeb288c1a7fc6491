/**
 * Qwen2.5-VL: a vision encoder of RMSNorm, gated MLPs and attention in windows, before Qwen2.
 *
 * @module
 */
import { z } from "zod";
import { type Architecture, type ConfigPart, dimension, linearTensors } from "./architecture.ts";
import {
  positive,
  qwen2Tensors,
  qwen2Text,
  qwen2TextDimensions,
  qwen2Tokens,
  qwen2VisionDimensions,
  qwen2VisionFields,
  qwen2VisionShape,
} from "./qwen2.ts";

/** The vision encoder. Published files have 1280 for `hidden_size`, and always say so. */
const visionSchema = z.looseObject({
  ...qwen2VisionShape,
  hidden_size: positive.default(3584),
  intermediate_size: positive.default(3420),
  out_hidden_size: positive.default(3584),
  window_size: positive.default(112),
  fullatt_block_indexes: z.array(z.int().nonnegative()).default([7, 15, 23, 31]),
  hidden_act: z.literal("silu").default("silu"),
});

const vision: ConfigPart<typeof visionSchema> = {
  schema: visionSchema,
  fields: qwen2VisionFields,
};

/** The family of the paper's models. */
export const QWEN2_5_VL = {
  modelType: "qwen2_5_vl",
  label: "Qwen2.5-VL",
  config: { text: qwen2Text, vision, tokens: qwen2Tokens },
  tensors: {
    ...qwen2Tensors,
    block: {
      norm1: ["norm1.weight", "width"],
      norm2: ["norm2.weight", "width"],
      ...qwen2Tensors.attention,
      ...linearTensors("gate", "mlp.gate_proj", ["inner", "width"]),
      ...linearTensors("up", "mlp.up_proj", ["inner", "width"]),
      ...linearTensors("down", "mlp.down_proj", ["width", "inner"]),
    },
    merger: { norm: ["ln_q.weight", "width"], ...qwen2Tensors.merger },
  },
  dimensions: (config) => {
    const vision = visionSchema.parse(config.vision);
    const { hidden_size, out_hidden_size, intermediate_size } = vision;
    return {
      ...qwen2TextDimensions(config.text),
      ...qwen2VisionDimensions(vision, {
        width: [hidden_size, "hidden_size"],
        out: [out_hidden_size, "out_hidden_size"],
      }),
      inner: dimension("vision_config", intermediate_size, "intermediate_size"),
    };
  },
} as const satisfies Architecture;
