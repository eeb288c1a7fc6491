/**
 * What the families built on Qwen2 share.
 *
 * @module
 */
import type { z } from "zod";
import { QWEN2_LAYER } from "../decoder_layer.ts";
import { processImage, readImageProcessor } from "../image_processor.ts";
import { promptPositions } from "../positions.ts";
import type { ConfigReader } from "./config_reader.ts";

/** The decoder, its positions, and the image side. */
export const QWEN2 = {
  layer: QWEN2_LAYER,
  positions: promptPositions,
  images: { read: readImageProcessor, process: processImage },
};

/** The fields that both vision encoders have. */
interface VisionFields {
  depth: number;
  num_heads: number;
  patch_size: number;
  temporal_patch_size: number;
  spatial_merge_size: number;
}

/**
 * A vision encoder's fields, checked, and what both families make of them alike.
 *
 * @param width The field that is the encoder's width; a head of it can be rotated in two directions.
 */
export function readVision<Fields extends VisionFields>(
  reader: ConfigReader,
  schema: z.ZodType<Fields>,
  width: string,
) {
  const vision = reader.check(schema, reader.config.vision, "vision_config");
  reader.headSize(`vision_config.${width}`, "vision_config.num_heads", [4, "a multiple of 4"]);
  const shared = {
    depth: vision.depth,
    numHeads: vision.num_heads,
    patchSize: vision.patch_size,
    temporalPatchSize: vision.temporal_patch_size,
    spatialMergeSize: vision.spatial_merge_size,
  };
  return { vision, shared };
}
