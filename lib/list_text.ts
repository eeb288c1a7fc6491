/**
 * Lists and values in messages, cut to a length that a person reads.
 *
 * @module
 */
import { shown } from "./plain_text.ts";

/** Items that a message names before it counts the rest. */
const MOST = 10;

/**
 * Items one after the other, each in one line and cut where it is long; of a long list the first 10,
 * and how many more there are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(listText(["a", "b"]), "a, b");
 * assertEquals(listText(Array(12).fill("x"), "; "), "x; x; x; x; x; x; x; x; x; x and 2 more");
 * ```
 */
export function listText(items: Iterable<string | number>, separator = ", "): string {
  const all = [...items];
  const more = all.length > MOST ? ` and ${all.length - MOST} more` : "";
  return all.slice(0, MOST).map((item) => shown(String(item))).join(separator) + more;
}

/** Characters of a value that a message shows. */
const LONGEST = 80;

/**
 * A value of a file as JSON, of a long one its beginning.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(valueText([1, "a"]), '[1,"a"]');
 * assertEquals(valueText("a".repeat(100)).length, 83);
 * ```
 */
export function valueText(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}
