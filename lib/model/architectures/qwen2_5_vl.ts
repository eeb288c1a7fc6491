/**
 * Running Qwen2.5-VL.
 *
 * @module
 */
import { QWEN2_5_VL as data } from "../../checkpoint/architectures/mod.ts";
import { listText } from "../../list_text.ts";
import { addResidualNorm, addRmsNorm } from "../decoder_layer.ts";
import { addSwiGlu } from "../linear.ts";
import type { ModelArchitecture } from "./known.ts";
import { QWEN2, readVision } from "./qwen2.ts";

/** Epsilon of the vision encoder's norms; the config has no field for it. */
const EPSILON = 1e-6;

/** RMSNorm, a gated MLP, and attention in windows in all but some blocks. */
export const QWEN2_5_VL: ModelArchitecture = {
  ...QWEN2,
  data,
  readVision(reader) {
    const { vision, shared } = readVision(reader, data.config.vision.schema, "hidden_size");
    const token = vision.patch_size * vision.spatial_merge_size;
    if (vision.window_size < token) {
      reader.fail(
        `${reader.field("vision_config.window_size")} is below patch_size x ` +
          `spatial_merge_size = ${token}`,
      );
    }
    const outside = vision.fullatt_block_indexes.filter((block) => block >= vision.depth);
    if (outside.length > 0) {
      reader.fail(
        `${reader.field("vision_config.fullatt_block_indexes")} names block ` +
          `${listText(outside)} of ${vision.depth}`,
      );
    }
    return {
      ...shared,
      hiddenSize: vision.hidden_size,
      intermediateSize: vision.intermediate_size,
      outHiddenSize: vision.out_hidden_size,
      windowSize: vision.window_size,
      fullattBlockIndexes: [...new Set(vision.fullatt_block_indexes)].sort((a, b) => a - b),
    };
  },
  vision: {
    addNorm: ({ graph, find, form }, x, name) =>
      addRmsNorm(graph, { x, weight: find(`${name}.weight`), form }, EPSILON),
    addResidualNorm: ({ graph, find, form }, { x, mixed }, name) =>
      addResidualNorm(graph, { x, mixed, weight: find(`${name}.weight`), form }, EPSILON),
    addMlp: ({ graph, linear, form }, x, name) =>
      addSwiGlu(graph, x, {
        gate: linear(`${name}.gate_proj`),
        up: linear(`${name}.up_proj`),
        down: linear(`${name}.down_proj`),
      }, form),
  },
};
