/**
 * A checkpoint's config.json, in both layouts: text fields at the top level (published Qwen2.5-VL
 * checkpoints) or under text_config (files written by newer library versions).
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { readStrictJson } from "../strict_json.ts";

const layersSchema = z.looseObject({ num_hidden_layers: z.int().positive() });
const visionSchema = z.looseObject({ depth: z.int().positive().optional() });
const configSchema = z.looseObject({
  model_type: z.string(),
  text_config: z.looseObject({}).optional(),
  vision_config: visionSchema.optional(),
});

/** What every analysis needs of config.json; the rest is kept as it is for the model runtime. */
export interface CheckpointConfig {
  /** E.g. "qwen2_5_vl". */
  modelType: string;
  /** Decoder layers of the language model. */
  numLlmLayers: number;
  /** Blocks of the vision encoder; 0 for a model without one. */
  visionDepth: number;
  /** All fields of the language model, from either layout. */
  text: Record<string, unknown>;
  /** All fields of the vision encoder. */
  vision: Record<string, unknown>;
  /** The whole file. */
  raw: Record<string, unknown>;
}

/**
 * Reads config.json of a checkpoint folder.
 *
 * @throws {Error} if it is missing, not JSON, or lacks a field; names the file and the field.
 */
export function readCheckpointConfig(folder: string): CheckpointConfig {
  const path = join(folder, "config.json");
  const json = readStrictJson(path);
  if (json === undefined) {
    throw new Error(
      `Cannot read ${path}: it is not there; a checkpoint folder needs config.json beside its ` +
        "weights",
    );
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    const { path: field, message } = parsed.error.issues[0];
    throw new Error(`Cannot read ${path}: ${field.join(".") || "top level"}: ${message}`);
  }
  const raw = parsed.data;
  const { text_config, vision_config = {}, ...top } = raw;
  // With both layouts present the nested one is the newer and wins.
  const text = { ...top, ...text_config };
  const layers = layersSchema.safeParse(text);
  if (!layers.success) {
    throw new Error(
      `Cannot read ${path}: num_hidden_layers (top level or text_config): ` +
        layers.error.issues[0].message,
    );
  }
  return {
    modelType: raw.model_type,
    numLlmLayers: layers.data.num_hidden_layers,
    visionDepth: raw.vision_config?.depth ?? 0,
    text,
    vision: vision_config,
    raw,
  };
}
