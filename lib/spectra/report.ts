/**
 * What the two weight analyses' reports share: field types and reading a report back.
 *
 * @module
 */
import { z } from "zod";

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
export async function readReport<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw new Error(`Cannot read the report ${path}: ${(cause as Error).message}`, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error(`Cannot read the report ${path}: not JSON (${(cause as Error).message})`, {
      cause,
    });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue.path.length > 0 ? issue.path.join(".") : "(top level)";
  throw new Error(
    `Cannot read the report ${path}: field ${field}: ${issue.message}` +
      (parsed.error.issues.length > 1 ? ` (and ${parsed.error.issues.length - 1} more)` : ""),
  );
}
