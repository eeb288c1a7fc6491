/**
 * The families that can be run.
 *
 * @module
 */
import type { CheckpointConfig } from "../../checkpoint/mod.ts";
import { listText, valueText } from "../../list_text.ts";
import type { ModelArchitecture } from "./architecture.ts";
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
