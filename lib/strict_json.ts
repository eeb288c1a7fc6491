/**
 * JSON of files that others wrote, read without forgiving anything that would change its meaning:
 * text that is not UTF-8, a byte order mark, a key that stands twice in one object.
 *
 * @module
 */

interface StrictJsonOptions {
  /** What error messages call the text: a path, with the line where it is one of many. */
  source: string;
}

/** Deeper nesting than any file of ours; more of it overflows the stack of who walks the value. */
const MAX_DEPTH = 500;

function fail(source: string, why: string, cause?: unknown): never {
  throw new Error(`Cannot read ${source}: ${why}`, { cause });
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    // As a stream, so that a character cut by the end is no error.
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Index of the byte at which bytes stop being UTF-8. */
function firstInvalid(bytes: Uint8Array): number {
  let [valid, invalid] = [0, bytes.length + 1];
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isUtf8(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  return valid;
}

/**
 * Decodes UTF-8, a byte order mark included.
 *
 * @param source What error messages call the bytes.
 * @throws {Error} if they are not UTF-8; names the source, the line and the byte.
 */
export function decodeUtf8(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const at = firstInvalid(bytes);
    const line = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
    const what = at < bytes.length
      ? `byte 0x${bytes[at].toString(16).padStart(2, "0")}`
      : "its end";
    fail(source, `it is not UTF-8 text: line ${line}, ${what} at offset ${at}`, cause);
  }
}

/** Index after the closing quote of the string that starts at `from`. */
function endOfString(text: string, from: number): number {
  for (let i = from + 1;; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
  }
}

/** Looks for doubled keys and for depth in a text that is known to be JSON. */
function checkKeys(text: string, source: string) {
  const token = /["{}[\]]/g;
  /** The keys so far of every object that is open; null for an array. */
  const open: (Set<string> | null)[] = [];
  const afterString = /\s*:/y;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const { 0: sign, index } = match;
    if (sign === "{" || sign === "[") {
      open.push(sign === "{" ? new Set() : null);
      if (open.length > MAX_DEPTH) {
        fail(
          source,
          `its values are nested more than ${MAX_DEPTH} deep, at character ${index + 1}`,
        );
      }
    } else if (sign === "}" || sign === "]") open.pop();
    else {
      const end = token.lastIndex = afterString.lastIndex = endOfString(text, index);
      const keys = open.at(-1);
      if (!keys || !afterString.test(text)) continue;
      const key = JSON.parse(text.slice(index, end)) as string;
      if (keys.has(key)) {
        fail(
          source,
          `the key ${JSON.stringify(key)} stands twice, again at character ${index + 1}`,
        );
      }
      keys.add(key);
    }
  }
}

/**
 * Parses JSON.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(parseStrictJson('{"a": [1]}', { source: "x.json" }), { a: [1] });
 * assertThrows(
 *   () => parseStrictJson('{"a": 1, "\\u0061": 2}', { source: "x.json" }),
 *   Error,
 *   'Cannot read x.json: the key "a" stands twice, again at character 10',
 * );
 * ```
 *
 * @param text Text, or its bytes in UTF-8.
 * @throws {Error} in one line that names the source and the place, if it is not UTF-8 or not JSON,
 * has a key twice in an object, or is nested more than 500 deep.
 */
export function parseStrictJson(
  text: string | Uint8Array,
  { source }: StrictJsonOptions,
): unknown {
  const json = typeof text === "string" ? text : decodeUtf8(text, source);
  if (json.startsWith("\ufeff")) {
    fail(source, "it starts with a byte order mark (U+FEFF); save it as UTF-8 without one");
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    // V8 quotes the text around the fault, line breaks included.
    const why = (cause as Error).message.replace(/\p{Cc}+/gu, " ");
    fail(source, `it is not JSON (${why})`, cause);
  }
  checkKeys(json, source);
  return value;
}

/**
 * Reads a JSON file that may be absent.
 *
 * @returns Its value; undefined if there is no such file.
 * @throws {Error} as {@linkcode parseStrictJson}, or if it cannot be read; names the file.
 */
export function readStrictJson(
  path: string,
  { source = path }: Partial<StrictJsonOptions> = {},
): unknown {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    fail(source, (cause as Error).message, cause);
  }
  return parseStrictJson(bytes, { source });
}
