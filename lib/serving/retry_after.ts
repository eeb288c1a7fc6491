/**
 * How long a server asks to wait.
 *
 * @module
 */

/**
 * The wait that an answer's headers ask for: `retry-after-ms`, which OpenAI sends, else
 * `retry-after` in seconds or as an HTTP date (RFC 9110, section 10.2.3).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(retryAfterMs(new Headers({ "retry-after": "1.5" }), Date.now()), 1500);
 * assertEquals(retryAfterMs(new Headers({ "retry-after": "soon" }), Date.now()), null);
 * ```
 *
 * @param now Time of the answer, in ms since 1970.
 * @returns ms, at least 0; null if the headers do not say, or not so that it can be read.
 */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const exact = number(headers.get("retry-after-ms"));
  if (exact !== null) return exact;
  const text = headers.get("retry-after");
  const seconds = number(text);
  if (seconds !== null) return seconds * 1000;
  // Date.parse takes almost anything; an HTTP date names a weekday and a month.
  if (text === null || !/^[a-z]{3,9},? .*[a-z]{3}.*\d\d:\d\d/i.test(text.trim())) return null;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function number(text: string | null): number | null {
  return text !== null && /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : null;
}
