/**
 * What a family of models is as data: the fields of its config.json and its tensors. Weights are
 * compared and merged by this alone, so it lies here, below those rooms; the graphs that run a model
 * of the family are in lib/model/architectures.
 *
 * @module
 */
import type { z } from "zod";

export type Fields = Record<string, unknown>;

export interface ConfigPart<Schema extends z.ZodObject = z.ZodObject> {
  /** Types, and the values that the transformers library takes for fields that are left out. */
  schema: Schema;
  /** The part's fields in the spelling of the schema, out of the whole file. */
  fields: (raw: Fields) => Fields;
}

/** What a family has in its config.json, part by part. */
export type ConfigParts = Record<"text" | "vision" | "tokens", ConfigPart>;

export interface Dimension {
  size: number;
  /** Fields of config.json that make it, e.g. "vision_config.hidden_size". */
  fields: readonly string[];
}

/** A tensor: its name after the place's prefix, then the names of its dimensions. */
export type TensorEntry = readonly [name: string, ...dimensions: string[]];

/** Tensors by what they do, in the model's order. */
export type TensorTable = Readonly<Record<string, TensorEntry>>;

/** What a tensor of a decoder layer does. */
export type LayerRole =
  | ("inputNorm" | "postNorm" | "q" | "qBias" | "k" | "kBias" | "v" | "vBias" | "o")
  | ("gate" | "up" | "down");

/** A family of models. */
export interface Architecture {
  /** `model_type` of its config.json, e.g. "qwen2_5_vl". */
  modelType: string;
  /** Its name in messages, e.g. "Qwen2.5-VL". */
  label: string;
  config: ConfigParts;
  /** Tensors by canonical name (see `canonicalName`). */
  tensors: {
    /** After `visual.`: patch embedding. */
    patches: TensorTable;
    /** After `visual.blocks.N.`. */
    block: TensorTable;
    /** After `visual.merger.`. */
    merger: TensorTable;
    embedding: TensorEntry;
    /** After `model.layers.N.`. */
    layer: Readonly<Record<LayerRole, TensorEntry>>;
    finalNorm: TensorEntry;
    /** Absent where the config ties it to the embedding. */
    head: TensorEntry;
  };
  /** The dimensions that the tables name, of a config with all fields. */
  dimensions: (config: { text: Fields; vision: Fields }) => Readonly<Record<string, Dimension>>;
}

/** A size and the fields of one part of config.json that make it. */
export function dimension(part: string, size: number, ...keys: string[]): Dimension {
  return { size, fields: keys.map((key) => `${part}.${key}`) };
}

/** Removes fields that are undefined, so that they do not hide others in a spread. */
export function stated(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A matrix and its bias. */
export function linearTensors(
  role: string,
  name: string,
  [out, width]: readonly [string, string],
): TensorTable {
  return { [role]: [`${name}.weight`, out, width], [`${role}Bias`]: [`${name}.bias`, out] };
}
