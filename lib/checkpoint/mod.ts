/**
 * Reading checkpoints: safetensors, shards, config, tensor names, layer index.
 *
 * @module
 */
export * from "./checkpoint.ts";
export * from "./config.ts";
export * from "./dtype.ts";
export * from "./qwen2_5_vl.ts";
export * from "./resolve_model.ts";
export * from "./safetensors.ts";
export * from "./tensor_place.ts";
export * from "./tensor_reader.ts";
export * from "./weight_files.ts";
