/**
 * What the families built on Qwen2 share.
 *
 * @module
 */
import { QWEN2_LAYER } from "../decoder_layer.ts";
import { processImage, readImageProcessor } from "../image_processor.ts";
import { promptPositions } from "../positions.ts";
import type { QwenVisionConfig } from "../qwen_config.ts";
import type { ConfigReader } from "./config_reader.ts";

/** The decoder, its positions, and the image side. */
export const QWEN2 = {
  layer: QWEN2_LAYER,
  positions: promptPositions,
  images: { read: readImageProcessor, process: processImage },
};

/** The fields that both vision encoders have. */
export function readPatches(
  vision: {
    depth: number;
    num_heads: number;
    patch_size: number;
    temporal_patch_size: number;
    spatial_merge_size: number;
  },
): Pick<
  QwenVisionConfig,
  "depth" | "numHeads" | "patchSize" | "temporalPatchSize" | "spatialMergeSize"
> {
  return {
    depth: vision.depth,
    numHeads: vision.num_heads,
    patchSize: vision.patch_size,
    temporalPatchSize: vision.temporal_patch_size,
    spatialMergeSize: vision.spatial_merge_size,
  };
}

/** Checks that a vision head can be rotated in two directions. */
export function checkVisionHeads(reader: ConfigReader, width: string) {
  reader.headSize(width, "vision_config.num_heads", [4, "a multiple of 4"]);
}
