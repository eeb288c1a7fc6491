/**
 * What running a family of models takes beside its config fields and tensors, which are in
 * lib/checkpoint/architectures.
 *
 * @module
 */
import type { Architecture } from "../../checkpoint/architectures/mod.ts";
import type { LayerGraphs } from "../decoder_layer.ts";
import type { processImage, readImageProcessor } from "../image_processor.ts";
import type { promptPositions } from "../positions.ts";
import type { QwenVisionConfig } from "../qwen_config.ts";
import type { VisionParts } from "../vision_block.ts";
import type { ConfigReader } from "./config_reader.ts";

/** A family of models that can be run. */
export interface ModelArchitecture {
  /** Config fields and tensors. */
  data: Architecture;
  /** The vision encoder's config, checked. */
  readVision: (reader: ConfigReader) => QwenVisionConfig;
  /** What differs between vision encoders. */
  vision: VisionParts;
  layer: LayerGraphs;
  positions: typeof promptPositions;
  /** Settings of the image processor, and pictures to patches. */
  images: { read: typeof readImageProcessor; process: typeof processImage };
}
