/**
 * What the two weight analyses' reports share: field types and reading a report back.
 *
 * @module
 */
import { z } from "zod";
import { schemaReason } from "../schema_reason.ts";
import { readStrictJson } from "../strict_json.ts";

/** Part of the model a tensor belongs to, as the original's reports call it. */
export const sectionSchema = z.enum(["Vision Encoder", "Projector", "LLM Backbone"]);

/** A tensor that an analysis left out, and why. */
export const skippedTensorSchema = z.object({ param_name: z.string(), reason: z.string() });
/** A tensor that an analysis left out, and why. */
export type SkippedTensor = z.infer<typeof skippedTensorSchema>;

/**
 * Reads a report file, ours or the original's own output.
 *
 * @throws {Error} if the file is missing, not JSON, or not of the layout; names file and field.
 */
export function readReport<T>(path: string, schema: z.ZodType<T>): T {
  const value = readStrictJson(path);
  if (value === undefined) throw new Error(`Cannot read the report ${path}: there is no such file`);
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  throw new Error(`Cannot read the report ${path}: ${schemaReason(error, { schema, value })}`);
}
