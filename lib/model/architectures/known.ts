/**
 * The families that can be run.
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
import type { CheckpointConfig } from "../../checkpoint/mod.ts";
import { listText, valueText } from "../../list_text.ts";
import { QWEN2_5_VL } from "./qwen2_5_vl.ts";
import { QWEN2_VL } from "./qwen2_vl.ts";

const ARCHITECTURES: readonly ModelArchitecture[] = [QWEN2_5_VL, QWEN2_VL];

/**
 * The family of a checkpoint.
 *
 * @param source What error messages call its config.json.
 * @throws {Error} if it is not known; names those that are.
 */
export function modelArchitectureOf(
  { modelType }: CheckpointConfig,
  source: string,
): ModelArchitecture {
  const found = ARCHITECTURES.find(({ data }) => data.modelType === modelType);
  if (found) return found;
  const known = ARCHITECTURES.map(({ data }) => `"${data.modelType}" (${data.label})`);
  throw new Error(
    `Cannot run ${source}: its model_type is ${valueText(modelType)}, which is not known; known ` +
      `are ${listText(known)}`,
  );
}

/** What running a family takes beside its config fields and tensors, which checkpoint/architectures has. */
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
