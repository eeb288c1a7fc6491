/**
 * Text of files and models as text: what steers a terminal is shown instead of obeyed.
 *
 * @module
 */

/** Controls but tab and newline, and the characters that turn the direction of text around. */
// deno-lint-ignore no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text with control characters in writing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(printable("\x1b[2Jgone\r"), "\\u{1b}[2Jgone\\u{d}");
 * ```
 */
export function printable(text: string): string {
  return text.replace(CONTROLS, (control) => `\\u{${control.charCodeAt(0).toString(16)}}`);
}

/** Text in one line, with control characters in writing. */
export function oneLine(text: string): string {
  return printable(text.replace(/\s*[\r\n\u2028\u2029]\s*/g, " ").trim());
}

/** Names and values in a message have at most this many characters. */
const LONGEST = 300;

/** A name or value out of a file as a message shows it: in one line, and not all of a long one. */
export function shown(text: string): string {
  return oneLine(text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text);
}
