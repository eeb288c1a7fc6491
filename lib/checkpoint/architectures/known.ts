/**
 * The families that are known.
 *
 * @module
 */
import type { Architecture } from "./architecture.ts";
import { QWEN2_5_VL } from "./qwen2_5_vl.ts";
import { QWEN2_VL } from "./qwen2_vl.ts";

/** By `model_type` of config.json. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = Object.fromEntries(
  [QWEN2_5_VL, QWEN2_VL].map((architecture) => [architecture.modelType, architecture]),
);

/** The family of a `model_type`; undefined if it is not known. */
export function architectureOf(modelType: string): Architecture | undefined {
  return Object.hasOwn(ARCHITECTURES, modelType) ? ARCHITECTURES[modelType] : undefined;
}
