/**
 * Running Qwen2-VL.
 *
 * @module
 */
import { QWEN2_VL as data } from "../../checkpoint/architectures/mod.ts";
import { addTwoLayerMlp } from "../linear.ts";
import { addLayerNorm, type VisionGraph } from "../vision_block.ts";
import type { Value } from "../graph_builder.ts";
import type { ModelArchitecture } from "./known.ts";
import { QWEN2, readVision } from "./qwen2.ts";

const addNorm = (parts: VisionGraph, x: Value, name: string) =>
  addLayerNorm(parts, x, { name, epsilon: 1e-6 });

/** LayerNorm, a two-layer MLP, and attention over the whole image in every block. */
export const QWEN2_VL: ModelArchitecture = {
  ...QWEN2,
  data,
  readVision(reader) {
    const { vision, shared } = readVision(reader, data.config.vision.schema, "embed_dim");
    return {
      ...shared,
      hiddenSize: vision.embed_dim,
      intermediateSize: vision.embed_dim * vision.mlp_ratio,
      outHiddenSize: vision.hidden_size,
      windowSize: null,
      fullattBlockIndexes: [],
    };
  },
  vision: {
    addNorm,
    addResidualNorm(parts, { x, mixed }, name) {
      const residual = parts.graph.node("Add", [x, mixed]);
      return { residual, normed: addNorm(parts, residual, name) };
    },
    addMlp: ({ graph, linear, form }, x, name) =>
      addTwoLayerMlp(graph, x, [linear(`${name}.fc1`), linear(`${name}.fc2`)], form),
  },
};
