/**
 * Edits that somebody wrote as JSON, on the command line or in a file.
 *
 * @module
 */
import type { Edit } from "../model/mod.ts";
import { parseStrictJson, readStrictJson } from "../strict_json.ts";

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
