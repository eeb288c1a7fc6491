/**
 * Reading a report file back.
 *
 * @module
 */
import type { z } from "zod";
import { schemaReason } from "./schema_reason.ts";
import { readStrictJson } from "./strict_json.ts";

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
