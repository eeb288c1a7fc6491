/**
 * Values of flags out of their texts: numbers, words, lists, layers, names of folders. Each function
 * throws a {@linkcode UsageError} that names the flag, the value and what was expected.
 *
 * @module
 */
import { nearestName } from "../nearest_name.ts";
import { UsageError } from "./command_line.ts";

/** A whole number from a flag's text. */
export function wholeNumber(
  text: string,
  flag: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  throw new UsageError(`--${flag} must be a whole number ${range}, not ${JSON.stringify(text)}`);
}

/** A whole number from 0. */
export const readWhole = (text: string, flag: string) => wholeNumber(text, flag);

/** How many of something: from 1. */
export const readCount = (text: string, flag: string) => wholeNumber(text, flag, { min: 1 });

/** A number from 0 out of a flag's text; above 0 with `positive`. */
export function numberOf(text: string, flag: string, { positive = false } = {}): number {
  const value = Number(text);
  const right = text.trim() !== "" && Number.isFinite(value) && value >= 0;
  if (right && !(positive && value === 0)) return value;
  const range = positive ? "above 0" : "from 0";
  throw new UsageError(`--${flag} must be a number ${range}, not ${JSON.stringify(text)}`);
}

/** A number from 0. */
export const readNumber = (text: string, flag: string) => numberOf(text, flag);

/** A number above 0. */
export const readPositive = (text: string, flag: string) =>
  numberOf(text, flag, { positive: true });

/** A seed from a flag's text: numpy's generator takes 32 bits. */
export function seedOf(text: string, flag: string): number {
  return wholeNumber(text, flag, { max: 2 ** 32 - 1 });
}

/** One of the words that a flag knows. */
export function oneOf<T extends string>(text: string, known: readonly T[], flag: string): T {
  const found = known.find((word) => word === text);
  if (found !== undefined) return found;
  const choices = new Intl.ListFormat("en-GB", { type: "disjunction", style: "short" }).format(
    known,
  );
  const meant = nearestName(text, known);
  throw new UsageError(
    `--${flag} must be ${choices}, not ${JSON.stringify(text)}` +
      (meant === undefined ? "" : `; did you mean ${JSON.stringify(meant)}?`),
  );
}

/** Reads one of some words. */
export const readWord = <T extends string>(known: readonly T[]) => (text: string, flag: string) =>
  oneOf(text, known, flag);

/** Items of a list, parted by commas alone: expressions and paths have spaces in them. */
export function readItems(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

/** Items of a list of words, parted by commas or spaces. */
export function readWords(text: string): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== "");
}

/** More layers than any model has: a range is written out before the model is known. */
const MOST_LAYERS = 10_000;

/** Layers: numbers and ranges, e.g. "0,4,8-11". */
export function readLayers(text: string, flag: string): number[] {
  return readWords(text).flatMap((item) => {
    const [first, last = first] = item.split("-").map((part) => wholeNumber(part, flag));
    if (item.split("-").length > 2 || last < first) {
      throw new UsageError(`--${flag} must be numbers and ranges such as 0,4,8-11, not ${item}`);
    }
    if (last >= MOST_LAYERS) throw new UsageError(`--${flag} has ${item}: no model has that many`);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** The name of a folder that a flag puts into another one, and that every system can have. */
export function folderName(text: string, flag: string): string {
  const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(text);
  const leading = /[\p{Cc}<>:"/\\|?*]|^[. ]|[. ]$|^$/u.test(text);
  if (!reserved && !leading && text.length <= 200) return text;
  throw new UsageError(
    `--${flag} must be the name of one folder, such as my-run, not ${JSON.stringify(text)}; ` +
      "where it goes is said by --output_dir",
  );
}
