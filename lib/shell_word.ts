/**
 * Words of command lines.
 *
 * @module
 */

/**
 * A word as a shell reads it back, whatever it holds.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shellWord("--only=05"), "--only=05");
 * assertEquals(shellWord("it's"), "'it'\\''s'");
 * ```
 */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
