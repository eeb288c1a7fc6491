/**
 * Edits that somebody wrote as JSON, on the command line or in a file.
 *
 * @module
 */
import { z } from "zod";
import type { Edit } from "../model/mod.ts";
import { readReport } from "../read_report.ts";
import { parseStrictJson, readStrictJson } from "../strict_json.ts";
import type { EditedModel } from "../study/mod.ts";

/**
 * Reads one edit or a list of them. What an edit may hold is checked where it is used.
 *
 * @param text JSON, or the name of a file of JSON.
 * @throws {Error} if it cannot be read, or is no JSON.
 */
export function readEdits(text: string): Edit[] {
  const value = /^\s*[[{]/.test(text)
    ? parseStrictJson(text, { source: "--edit" })
    : readStrictJson(text);
  if (value === undefined) {
    throw new Error(`Cannot read the edits in ${text}: there is no such file, and it is no JSON`);
  }
  return (Array.isArray(value) ? value : [value]) as Edit[];
}

const EDITED = z.array(z.strictObject({
  // Names are folders of results, too.
  name: z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} ._+-]*$/u),
  model: z.string().min(1),
  edits: z.array(z.custom<Edit>()).min(1),
})).min(1);

/**
 * Reads models with edits: `[{"name": "IN without layer 3", "model": "sft", "edits": [...]}]`.
 *
 * @throws {Error} naming file, field and value at fault.
 */
export function readEditedModels(path: string): EditedModel[] {
  return readReport(path, EDITED, "the edited models of");
}
