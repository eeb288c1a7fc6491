/**
 * Numbers in running text.
 *
 * @module
 */
import { TextScanner } from "./answer_scanner.ts";

/** A sign counts where no word or bracket ends: "= -5", not "7-5". */
const NUMBER =
  /(?:(?<![\w)\]}])[-\u2212])?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:\/\d+(?!\d|[./]\d))?/g;

function lastNumberOf(text: string): { start: number; end: number } | undefined {
  let last: { start: number; end: number } | undefined;
  for (const match of text.matchAll(NUMBER)) {
    last = { start: match.index, end: match.index + match[0].length };
  }
  return last;
}

/**
 * The last number of a text, as written: sign, thousands commas, decimals, a simple fraction.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(lastNumber("From 3 pens to 1,250 pens."), "1,250");
 * ```
 *
 * @returns undefined if there is none.
 */
export function lastNumber(response: string | TextScanner): string | undefined {
  const text = TextScanner.of(response).slice(0);
  const found = lastNumberOf(text);
  return found && text.slice(found.start, found.end);
}

/**
 * The number that ends the last line that ends in a number; a full stop after it is left out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(numberAtLineEnd("So x = -4.\nThat is all"), "-4");
 * ```
 *
 * @returns undefined if no line does.
 */
export function numberAtLineEnd(response: string | TextScanner): string | undefined {
  const scanner = TextScanner.of(response);
  for (let end = scanner.length; end >= 0;) {
    const start = scanner.lastIndexOf("\n", end - 1) + 1;
    const line = scanner.slice(start, end).trimEnd().replace(/\.$/, "");
    if (/\d$/.test(line)) {
      const found = lastNumberOf(line);
      if (found?.end === line.length) return line.slice(found.start);
    }
    end = start - 1;
  }
  return undefined;
}
