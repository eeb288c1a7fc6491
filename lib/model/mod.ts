/**
 * Running checkpoints: opening, input, generation, edits, captures, merges of layers. Many names: what
 * a cell of a notebook needs is here in one place, and what each room above needs beside it.
 *
 * @module
 */
export { DeviceMemoryError } from "./session.ts";
export { PRECISIONS_OF } from "./backend.ts";
export type { Captured, CaptureRequest } from "./captures.ts";
export { decodeImage, type RgbImage } from "./decode_image.ts";
export type { DecoderOptions } from "./decoder.ts";
export type { LayerWeights } from "./decoder_layer.ts";
export * from "./edits/mod.ts";
export { extendInput } from "./model_input.ts";
export type { Generated } from "./generate.ts";
export {
  type GenerationConfig,
  generationConfigOf,
  NO_RULES,
  overrideGeneration,
  statedRules,
} from "./generation_config.ts";
export { findGpu, gpuBatchBytes, gpuBytes, type GpuInfo } from "./gpu_adapter.ts";
export {
  checkLayers,
  interpolateLayers,
  type LayerPart,
  mapLayers,
  type ModelPlan,
  planOf,
  spliceLayers,
} from "./layer_list.ts";
export { LayerSessions } from "./layer_sessions.ts";
export type { Lens, LensOptions, LensToken } from "./lens.ts";
export type { Precision } from "./linear.ts";
export { answerLogProbability, divergenceFrom, logProbability } from "./log_probability.ts";
export { layerMeans, meanAblation } from "./mean_ablation.ts";
export { type OpenModelOptions, VisionLanguageModel } from "./model.ts";
export type { ModelInput } from "./model_input.ts";
export { addNoise, noisyValues } from "./noise.ts";
export type { ChatMessage, ChatPart } from "./prompt.ts";
export { type QwenConfig, qwenConfigOf, type QwenTextConfig } from "./qwen_config.ts";
export { resizeLanczos } from "./resize.ts";
export { BATCH_ROWS, type BatchLimits, planBatches } from "./row_batches.ts";
export type { RowRequest } from "./row_plan.ts";
export { checkDeviceWith } from "./self_check.ts";
export type { Device } from "./session.ts";
export { tokenSwapSweep, zeroAblationSweep } from "./sweep.ts";
export { Values } from "./values.ts";
