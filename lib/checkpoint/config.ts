/**
 * A checkpoint's config.json, in both layouts: text fields at the top level (published
 * checkpoints) or under text_config (files written by newer library versions). Fields that it leaves
 * out have the library's defaults.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { listText, valueText } from "../list_text.ts";
import { readStrictJson } from "../strict_json.ts";
import type { ConfigParts, Fields } from "./architectures/architecture.ts";
import { architectureOf } from "./architectures/known.ts";

/** How messages call the parts, by the nested layout. */
const PARTS = { text: "text_config", vision: "vision_config", tokens: "top level" } as const;

/** Another family's: the fields that weight analyses read, without defaults. */
const OTHER: ConfigParts = {
  text: {
    schema: z.looseObject({ num_hidden_layers: z.int().positive() }),
    fields: (raw) => (raw.text_config ?? raw) as Fields,
  },
  vision: {
    schema: z.looseObject({ depth: z.int().positive().optional() }),
    fields: (raw) => (raw.vision_config ?? {}) as Fields,
  },
  tokens: { schema: z.looseObject({}), fields: (raw) => raw },
};

const fileSchema = z.looseObject({
  model_type: z.string(),
  text_config: z.looseObject({}).nullish(),
  vision_config: z.looseObject({}).nullish(),
});

/** config.json, its defaults filled in. */
export interface CheckpointConfig {
  /** E.g. "qwen2_5_vl". */
  modelType: string;
  /** Decoder layers of the language model. */
  numLlmLayers: number;
  /** Blocks of the vision encoder; 0 for a model without one. */
  visionDepth: number;
  /** Fields of the language model, from either layout. */
  text: Fields;
  vision: Fields;
  tokens: Fields;
  /** The whole file. */
  raw: Fields;
  path: string;
  /** Fields that the file leaves out, e.g. "vision_config.depth", and the library's defaults. */
  defaulted: ReadonlyMap<string, unknown>;
}

/** A field's default; undefined if it has none. */
function defaultOf(field: z.ZodType): unknown {
  const parsed = field.safeParse(undefined);
  return parsed.success ? parsed.data : undefined;
}

/**
 * Name and value of a field for messages, and whether the value is the library's.
 *
 * @param field Part and key, e.g. "vision_config.depth".
 */
export function describeField({ text, vision, defaulted }: CheckpointConfig, field: string) {
  const [part, key] = field.split(".");
  const value = (part === PARTS.vision ? vision : text)[key];
  const source = defaulted.has(field) ? " (the library's default; config.json leaves it out)" : "";
  return `${field} ${valueText(value)}${source}`;
}

/**
 * What a reader should know of the fields that a config leaves out; null if it states them all.
 *
 * @param matters Which fields the reader's work depends on, default all.
 */
export function defaultsNote(
  { path, defaulted }: CheckpointConfig,
  matters: (field: string) => boolean = () => true,
): string | null {
  const left = [...defaulted].filter(([field]) => matters(field));
  if (left.length === 0) return null;
  const values = left.map(([field, value]) => `${field} ${valueText(value)}`);
  return `${path} leaves out fields, for which the library's defaults hold: ${listText(values)}`;
}

/**
 * Reads the content of a config.json and fills in the library's defaults.
 *
 * @param json Its parsed content.
 * @param path What error messages call the file.
 * @throws {Error} if it lacks a field that every analysis needs; names the file and the field.
 */
export function parseCheckpointConfig(json: unknown, path: string): CheckpointConfig {
  const parse = <T>(schema: z.ZodType<T>, value: unknown, part?: string): T => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [{ path: field, message }] = parsed.error.issues;
    const where = [part, ...field].filter((name) => name !== undefined).join(".") || "top level";
    throw new Error(`Cannot read ${path}: ${where}: ${message}`);
  };
  const raw = parse(fileSchema, json);
  const family = architectureOf(raw.model_type)?.config ?? OTHER;
  const defaulted = new Map<string, unknown>();
  const complete = (part: keyof ConfigParts): Fields => {
    const { schema, fields } = family[part];
    const given = { ...fields(raw) };
    for (const [key, field] of Object.entries(schema.shape)) {
      if (given[key] !== undefined) continue;
      const value = defaultOf(field as z.ZodType);
      if (value === undefined) continue;
      given[key] = value;
      defaulted.set(part === "tokens" ? key : `${PARTS[part]}.${key}`, value);
    }
    return given;
  };
  const [text, vision, tokens] = [complete("text"), complete("vision"), complete("tokens")];
  const counts = {
    layers: parse(family.text.schema.pick({ num_hidden_layers: true }), text, PARTS.text),
    blocks: parse(family.vision.schema.pick({ depth: true }), vision, PARTS.vision),
  };
  return {
    modelType: raw.model_type,
    numLlmLayers: counts.layers.num_hidden_layers as number,
    visionDepth: (counts.blocks.depth ?? 0) as number,
    text,
    vision,
    tokens,
    raw,
    path,
    defaulted,
  };
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
  return parseCheckpointConfig(json, path);
}
