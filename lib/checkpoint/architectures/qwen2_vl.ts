/**
 * Qwen2-VL: a vision encoder of LayerNorm, two-layer MLPs and attention over whole images, before
 * Qwen2.
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

/** The vision encoder. Here `hidden_size` is the width of a visual token, not of a block. */
const visionSchema = z.looseObject({
  ...qwen2VisionShape,
  embed_dim: positive.default(1280),
  hidden_size: positive.default(3584),
  mlp_ratio: positive.default(4),
  hidden_act: z.literal("quick_gelu").default("quick_gelu"),
});

const vision: ConfigPart<typeof visionSchema> = {
  schema: visionSchema,
  fields: qwen2VisionFields,
};

/** A norm's weight and bias. */
const norm = (role: string, name: string) =>
  ({ [role]: [`${name}.weight`, "width"], [`${role}Bias`]: [`${name}.bias`, "width"] }) as const;

/** The family before Qwen2.5-VL. */
export const QWEN2_VL = {
  modelType: "qwen2_vl",
  label: "Qwen2-VL",
  config: { text: qwen2Text, vision, tokens: qwen2Tokens },
  tensors: {
    ...qwen2Tensors,
    block: {
      ...norm("norm1", "norm1"),
      ...norm("norm2", "norm2"),
      ...qwen2Tensors.attention,
      ...linearTensors("fc1", "mlp.fc1", ["inner", "width"]),
      ...linearTensors("fc2", "mlp.fc2", ["width", "inner"]),
    },
    merger: { ...norm("norm", "ln_q"), ...qwen2Tensors.merger },
  },
  dimensions: (config) => {
    const vision = visionSchema.parse(config.vision);
    const { embed_dim, hidden_size, mlp_ratio } = vision;
    return {
      ...qwen2TextDimensions(config.text),
      ...qwen2VisionDimensions(vision, {
        width: [embed_dim, "embed_dim"],
        out: [hidden_size, "hidden_size"],
      }),
      inner: dimension("vision_config", embed_dim * mlp_ratio, "embed_dim", "mlp_ratio"),
    };
  },
} as const satisfies Architecture;
