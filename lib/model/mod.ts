/**
 * Running Qwen2.5-VL checkpoints: input preparation, vision encoder, decoder, generation,
 * edits and captures.
 *
 * @module
 */
export { DeviceMemoryError } from "./backend.ts";
export { PRECISIONS_OF } from "./backends.ts";
export type { Captured, CaptureRequest } from "./captures.ts";
export * from "./concatenate.ts";
export * from "./decode_image.ts";
export * from "./decoder.ts";
export { LAYER_TENSORS, type LayerWeights } from "./decoder_layer.ts";
export * from "./edits/mod.ts";
export * from "./extend_input.ts";
export * from "./forward.ts";
export * from "./generate.ts";
export * from "./generation_config.ts";
export { findGpu, gpuBytes, type GpuInfo } from "./gpu_adapter.ts";
export * from "./image_processor.ts";
export * from "./layer_list.ts";
export * from "./layer_sessions.ts";
export type { Precision } from "./linear.ts";
export type { Lens, LensOptions, LensToken } from "./lens.ts";
export * from "./model.ts";
export * from "./model_input.ts";
export * from "./noise.ts";
export * from "./prepare_input.ts";
export * from "./prompt.ts";
export * from "./qwen_config.ts";
export { resizeLanczos } from "./resize.ts";
export * from "./row_batches.ts";
export type { RowRequest } from "./row_plan.ts";
export * from "./self_check.ts";
export type { Device } from "./session.ts";
export * from "./sweep.ts";
export * from "./tokenizer.ts";
export { Values } from "./values.ts";
export * from "./vision_tower.ts";
