/**
 * The outer form of an answer: a list, a set, a tuple or interval, a matrix, a relation, words, or
 * one value.
 *
 * @module
 */
import { bracketStep, enclosed, splitOutside, type Token, tokenise } from "./tokens.ts";

/** An answer by its outer form; the parts of values are spelled mathematics (see `spellMaths`). */
export type Maths =
  | List
  | { kind: "set"; members: Maths[] }
  | Tuple
  /** "2:3" */
  | { kind: "ratio"; members: Maths[] }
  | { kind: "matrix"; rows: Maths[][] }
  | Relation
  | { kind: "words"; words: string }
  | { kind: "value"; tex: string };

/** Members in no order: "1, 2", "x = 1 or x = 2", a union of intervals, both signs of \pm. */
export interface List {
  kind: "list";
  members: Maths[];
  /** Whether any of the members may be meant, as in a union, "or" and \pm. */
  alternatives: boolean;
}

/** Members in order: a point, or with two members an interval, as in "[0, 1)". */
export interface Tuple {
  kind: "tuple";
  /** The opening and the closing bracket. */
  brackets: string;
  members: Maths[];
  /** The variable that is said to be in the interval, or the name of the point, if there is one. */
  variable?: string;
}

/** "x = 5", "x^2 + y^2 = 1", "a \ne b". */
export interface Relation {
  kind: "relation";
  /** What stands between the sides; one fewer. */
  relations: Token[];
  sides: string[];
}

const RELATIONS = new Set(["=", "<", ">", "\\le", "\\ge", "\\ne", "\\in", "\\approx", "\\to"]);
const SEPARATORS = new Set([",", ";", "\\lor"]);
const MATRICES = /^\\begin\{(?:[pbB]?matrix|smallmatrix|array)\*?\}$/;
const THOUSANDS = /(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)/g;
const LETTER = String.raw`(?:[A-Za-z]|\\(?!infty)[A-Za-z]+|\\text\{[^{}]*\})(?:_\{[^{}]*\})?'*`;
/** A name that stands for the value, x, \theta_{1}, \text{Area}, (x,y), or what is called with some. */
const NAMES = [
  new RegExp(`^(?:${LETTER}|\\(${LETTER}(?:[,;]${LETTER})*\\))$`),
  new RegExp(`^${LETTER}(?:\\^\\{-1\\})?\\(${LETTER}(?:[,;]${LETTER})*\\)$`),
  // Values of functions, probabilities, expectations: f(2), P(A\cup B).
  /^[fghEHPNn]'*\([^()]*\)$/,
  // Lengths, angles, triangles between points.
  /^(?:\|[A-Z]{2}\||(?:\\overline|\\vec)\{[A-Z]{2}\}|m?\\(?:angle|triangle|widehat) ?\{?[A-Z]{1,4}\}?|[A-Z]{2,4})$/,
  /^\\(?:sin|cos|tan|cot|sec|csc|ln|log) ?(?:[A-Za-z]|\\(?:alpha|beta|gamma|theta|phi)|\\angle [A-Z]+)$/,
];
const FUNCTION = /^\\(?:sin|cos|tan|cot|sec|csc|arc[a-z]+|log|ln|lg|exp|sqrt|frac|pi)$/;

/** Whether `tex` only names a value, as the left of "f(x) = 2x" does. */
export function isName(tex: string): boolean {
  return !FUNCTION.test(tex) && NAMES.some((name) => name.test(tex));
}

/**
 * Reads the outer form of spelled mathematics with balanced brackets.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const one = { kind: "value", tex: "1" } as const;
 * assertEquals(readMaths("\\{1\\}"), { kind: "set", members: [one] });
 * assertEquals(readMaths("(1,1)"), { kind: "tuple", brackets: "()", members: [one, one] });
 * ```
 */
export function readMaths(tex: string): Maths {
  const { parts, separators } = splitOutside(tex, (token) => SEPARATORS.has(token));
  if (parts.length > 1) return listOf(parts, separators.includes("\\lor"));
  const { parts: sides, separators: relations } = splitOutside(
    tex,
    (token) => RELATIONS.has(token),
  );
  if (relations.length > 0) return readRelation(relations, sides);
  const union = splitOutside(tex, (token) => token === "\\cup").parts;
  if (union.length > 1) {
    const list = listOf(union, true);
    const sets = list.members.filter((member) => member.kind === "set");
    return sets.length < list.members.length
      ? list
      : { kind: "set", members: sets.flatMap(({ members }) => members) };
  }
  const ratio = splitOutside(tex, (token) => token === ":").parts;
  if (ratio.length > 1) return { kind: "ratio", members: ratio.map(readMaths) };
  if (/^\\text\{[^{}]*\}$/.test(tex)) return readWords(tex.slice(6, -1));
  if (tex === "\\emptyset") return { kind: "set", members: [] };
  if (tex === "\\mathbb{R}") return readMaths("(-\\infty,\\infty)");
  return readBrackets(tex) ?? readSigns(tex) ?? { kind: "value", tex };
}

/** Every way to read a text: outside of brackets a comma may part thousands, or members. */
export function readings(tex: string): Maths[] {
  const joined = joinThousands(tex);
  // Where members are parted otherwise, commas part thousands.
  const isSure = splitOutside(tex, (token) => token === ";" || token === "\\lor").parts.length > 1;
  return joined === tex || isSure ? [readMaths(joined)] : [readMaths(joined), readMaths(tex)];
}

function joinThousands(tex: string): string {
  const join = (run: string) => run.replace(THOUSANDS, (number) => number.replaceAll(",", ""));
  let joined = "";
  let run = "";
  let depth = 0;
  for (const token of tokenise(tex)) {
    const step = bracketStep(token);
    if (step === 0) {
      run += token;
      continue;
    }
    // Inside of brackets only where members are parted otherwise.
    joined += (depth === 0 || run.includes(";") ? join(run) : run) + token;
    run = "";
    depth += step;
  }
  return joined + join(run);
}

function listOf(parts: readonly string[], alternatives = false): List {
  // "..., k \in \mathbb{Z}" tells which letter stands for every whole number.
  const [, letter] = /^([a-z])\\in ?\\mathbb\{[ZN]\}$/.exec(parts[parts.length - 1]) ?? [];
  if (letter && parts.length > 1) {
    const renamed = (part: string) =>
      tokenise(part).map((token) => token === letter ? "k" : token).join("");
    return listOf(parts.slice(0, -1).map(renamed), alternatives);
  }
  const members = parts.filter((part) => part !== "").map(readMaths);
  const flat = members.flatMap((member) => member.kind === "list" ? member.members : [member]);
  return { kind: "list", members: flat, alternatives };
}

/** Words; single ones with commas or "and" between them are members. */
function readWords(text: string): Maths {
  const words = text.split(/[,;] ?(?:and )?| and /);
  return words.length > 1 && words.every((word) => /^\w+$/.test(word))
    ? { kind: "list", members: words.map(readWords), alternatives: false }
    : { kind: "words", words: text };
}

function readRelation(relations: Token[], sides: string[]): Maths {
  // "= 5" and "\approx 2.24" say what it is.
  if (sides[0] === "" && /^(?:=|\\approx)$/.test(relations[0])) {
    return relations.length === 1
      ? readMaths(sides[1])
      : readRelation(relations.slice(1), sides.slice(1));
  }
  if (relations.length === 1 && relations[0] === "\\in" && isName(sides[0])) {
    const members = readMaths(sides[1]);
    return members.kind === "tuple" ? { ...members, variable: sides[0] } : members;
  }
  return { kind: "relation", relations, sides };
}

function readBrackets(tex: string): Maths | undefined {
  // A(3, -2) is a point with its name.
  const name = /^[A-Z](?=\(.*[,;])/.exec(tex)?.[0];
  const found = enclosed(tex.slice(name?.length ?? 0));
  if (!found) return undefined;
  const { open, close, inner } = found;
  if (open.startsWith("\\begin")) {
    const isSystem = open === "\\begin{cases}";
    if (!isSystem && !MATRICES.test(open)) return undefined;
    const rows = splitOutside(inner.replace(/^\{[lcr|]*\}/, ""), (token) => token === "\\\\").parts;
    if (isSystem) return listOf(rows);
    const cells = rows.filter((row) => row !== "")
      .map((row) => splitOutside(row, (token) => token === "&").parts.map(readMaths));
    return { kind: "matrix", rows: cells };
  }
  const { parts } = splitOutside(inner, (token) => SEPARATORS.has(token));
  const isSet = open === "\\{" || open === "{" && parts.length > 1;
  if (isSet) {
    // "{x | x > 0}" says what its members are like, not which they are.
    const [, likeness] =
      /^([A-Za-z])(?:\\in ?\\mathbb\{R\})?[|:](?=[^|:]*\1)([^|:]*)$/.exec(inner)?.slice(1) ?? [];
    if (likeness) return readMaths(likeness);
    if (/[|:]/.test(inner)) return undefined;
    return { kind: "set", members: inner === "" ? [] : listOf(parts).members };
  }
  if (parts.length === 1) return readMaths(inner);
  const members = parts.map(readMaths);
  return { kind: "tuple", brackets: open + close, members, ...(name && { variable: name }) };
}

/** Both values of an expression with \pm (all signs above, then all below). */
function readSigns(tex: string): Maths | undefined {
  const tokens = tokenise(tex);
  if (!tokens.includes("\\pm") && !tokens.includes("\\mp")) return undefined;
  const signed = (plusMinus: string, minusPlus: string) =>
    tokens.map((token) => token === "\\pm" ? plusMinus : token === "\\mp" ? minusPlus : token)
      .join("").replace(/(^|[({,])\+/g, "$1");
  return listOf([signed("+", "-"), signed("-", "+")], true);
}
