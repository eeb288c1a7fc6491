/**
 * Reading a report file back.
 *
 * @module
 */
import type { z } from "zod";
import { fitted } from "./schema_reason.ts";
import { readStrictJson } from "./strict_json.ts";

/**
 * Reads a report file, ours or the original's own output, or another file of JSON.
 *
 * @param what What an error calls the file, before its path.
 * @throws {Error} if the file is missing, not JSON, or not of the layout; names file and field.
 */
export function readReport<T>(path: string, schema: z.ZodType<T>, what = "the report"): T {
  const source = `${what} ${path}`;
  const value = readStrictJson(path, { source });
  if (value === undefined) throw new Error(`Cannot read ${source}: there is no such file`);
  return fitted(schema, value, (why) => `Cannot read ${source}: ${why}`);
}
