/**
 * Reading checkpoints: safetensors, shards, config, tensor names, layer index.
 *
 * @module
 */
export { Checkpoint } from "./checkpoint.ts";
export {
  type CheckpointConfig,
  defaultsNote,
  describeField,
  parseCheckpointConfig,
} from "./config.ts";
export { BYTES_PER_ELEMENT, type FloatDtype, isFloatDtype } from "./dtype.ts";
export { type ResolvedModel, resolveModel, type ResolveModelOptions } from "./resolve_model.ts";
export { readSafetensorsHeader, type TensorInfo } from "./safetensors.ts";
export {
  type Component,
  isAnalysedWeight,
  layerOfTensor,
  LAYERS,
  placeTensor,
  type Section,
} from "./tensor_place.ts";
export { TensorReader } from "./tensor_reader.ts";
export { findTensors, INDEX_FILE, SINGLE_FILE, weightFileNames } from "./weight_files.ts";
