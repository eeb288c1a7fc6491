/**
 * JSON text exactly as Jupyter's own writer makes it, so that a notebook saved by either gives the
 * same bytes.
 *
 * @module
 */

/**
 * JSON with keys sorted by code point, one space of indent, non-ASCII characters as they are, and
 * a newline at the end: Python's `json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False)`
 * as nbformat calls it. Properties that are undefined are left out. Numbers are written as
 * JavaScript writes them: an integral float loses its `.0`.
 */
export function stringifyLikeJupyter(value: unknown): string {
  return stringify(value, "") + "\n";
}

function stringify(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = indent + " ";
  const items = Array.isArray(value)
    ? value.map((item) => stringify(item, inner))
    : Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => compareCodePoints(a, b))
      .map(([key, item]) => `${JSON.stringify(key)}: ${stringify(item, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (items.length === 0) return open + close;
  return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** JavaScript compares UTF-16 units, Python code points; they differ above U+FFFF. */
function compareCodePoints(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length;) {
    const x = a.codePointAt(i)!;
    const y = b.codePointAt(i)!;
    if (x !== y) return x - y;
    i += x > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}

// The characters at which Python's str.splitlines ends a line.
const ENDS = "\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029";
const LINE = new RegExp(`[^${ENDS}]*(?:\\r\\n|[${ENDS}]|$)`, "g");

/**
 * The lines of a text with their line ends, as Python's `str.splitlines(True)` gives them: the form
 * in which a notebook file holds sources and text outputs.
 */
export function splitLines(text: string): string[] {
  return (text.match(LINE) ?? []).filter((line) => line !== "");
}
