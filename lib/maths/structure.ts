/**
 * The outer form of an answer: a list, a set, a tuple or interval, a matrix, a relation, words, or
 * one value.
 *
 * @module
 */
import { asInterval } from "./interval.ts";
import { bracketStep, enclosed, splitOutside, type Token, tokenise } from "./tokens.ts";

/** An answer by its outer form; the parts of values are spelled mathematics (see `spellMaths`). */
export type Maths =
  /** Members in no order: "1, 2", "x = 1 or x = 2", a union of intervals, both signs of \pm. */
  | { kind: "list"; members: Maths[] }
  | { kind: "set"; members: Maths[] }
  | Tuple
  | { kind: "matrix"; rows: Maths[][] }
  | Relation
  | { kind: "words"; words: string }
  | { kind: "value"; tex: string };

/** Members in order: a point, or with two members an interval, as in "[0, 1)". */
export interface Tuple {
  kind: "tuple";
  /** The opening and the closing bracket; "::" for a ratio, 2:3. */
  brackets: string;
  members: Maths[];
  /** The variable that is said to be in the interval, if one is. */
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
const MATRICES = /^\\begin\{(?:[pbB]?matrix|smallmatrix|array)\*?\}$/;
const THOUSANDS = /(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)/g;
const NAME = String.raw`(?:[A-Za-z]|\\[A-Za-z]+|\\text\{[^{}]*\})(?:_\{[^{}]*\})?'*`;
/** A name that stands for the value: x, f(x), \theta_{1}, \text{Area}, (x,y). */
const NAMED = new RegExp(`^(?:${NAME}(?:\\([A-Za-z,]+\\))?|\\(${NAME}(?:,${NAME})*\\))$`);

/** Whether `tex` only names a value, as the left of "f(x) = 2x" does. */
export function isName(tex: string): boolean {
  return NAMED.test(tex) && tex !== "\\infty";
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
 * assertEquals(readMaths("x\\in[1,1]"), { kind: "tuple", brackets: "[]", members: [one, one] });
 * ```
 */
export function readMaths(tex: string): Maths {
  const { parts } = splitOutside(tex, (token) => token === "," || token === ";");
  if (parts.length > 1) return listOf(parts);
  const { parts: sides, separators: relations } = splitOutside(
    tex,
    (token) => RELATIONS.has(token),
  );
  if (relations.length > 0) return readRelation(relations, sides);
  const union = splitOutside(tex, (token) => token === "\\cup").parts;
  if (union.length > 1) return listOf(union);
  if (/^\d+(?::\d+)+$/.test(tex)) {
    return { kind: "tuple", brackets: "::", members: tex.split(":").map(readMaths) };
  }
  if (/^\\text\{[^{}]*\}$/.test(tex)) return { kind: "words", words: tex.slice(6, -1) };
  if (tex === "\\emptyset") return { kind: "set", members: [] };
  if (tex === "\\mathbb{R}") return readMaths("(-\\infty,\\infty)");
  return readBrackets(tex) ?? readSigns(tex) ?? { kind: "value", tex };
}

/** Every way to read a text: outside of brackets a comma may part thousands, or members. */
export function readings(tex: string): Maths[] {
  const joined = joinThousands(tex);
  return joined === tex ? [readMaths(tex)] : [readMaths(joined), readMaths(tex)];
}

function joinThousands(tex: string): string {
  const join = (run: string) => run.replace(THOUSANDS, (number) => number.replaceAll(",", ""));
  let joined = "";
  let run = "";
  let depth = 0;
  for (const token of tokenise(tex)) {
    const step = bracketStep(token);
    if (depth === 0 && step === 0) {
      run += token;
      continue;
    }
    joined += join(run) + token;
    run = "";
    depth += step;
  }
  return joined + join(run);
}

function listOf(parts: readonly string[]): Maths {
  const members = parts.map(readMaths);
  const flat = members.flatMap((member) => member.kind === "list" ? member.members : [member]);
  return { kind: "list", members: flat };
}

function readRelation(relations: Token[], sides: string[]): Maths {
  if (relations.length === 1 && relations[0] === "\\in" && isName(sides[0])) {
    return readMaths(sides[1]);
  }
  const interval = asInterval(relations, sides);
  if (!interval) return { kind: "relation", relations, sides };
  const { brackets, ends, variable } = interval;
  return { kind: "tuple", brackets, members: ends.map(readMaths), variable };
}

function readBrackets(tex: string): Maths | undefined {
  const found = enclosed(tex);
  if (!found) return undefined;
  const { open, close, inner } = found;
  if (open.startsWith("\\begin")) {
    if (!MATRICES.test(open)) return undefined;
    const rows = splitOutside(inner.replace(/^\{[lcr|]*\}/, ""), (token) => token === "\\\\").parts;
    const cells = rows.filter((row) => row !== "")
      .map((row) => splitOutside(row, (token) => token === "&").parts.map(readMaths));
    return { kind: "matrix", rows: cells };
  }
  const { parts } = splitOutside(inner, (token) => token === "," || token === ";");
  const isSet = open === "\\{" || open === "{" && parts.length > 1;
  if (isSet) {
    // "{x | x > 0}" says what its members are like, not which they are.
    if (/[|:]/.test(inner)) return undefined;
    return { kind: "set", members: inner === "" ? [] : membersOf(parts) };
  }
  if (parts.length === 1) return readMaths(inner);
  return { kind: "tuple", brackets: open + close, members: parts.map(readMaths) };
}

/** Members of a set; \pm makes two of one. */
function membersOf(parts: readonly string[]): Maths[] {
  const list = listOf(parts);
  return list.kind === "list" ? list.members : [list];
}

/** Both values of an expression with \pm (all signs above, then all below). */
function readSigns(tex: string): Maths | undefined {
  const tokens = tokenise(tex);
  if (!tokens.includes("\\pm") && !tokens.includes("\\mp")) return undefined;
  const signed = (plusMinus: string, minusPlus: string) =>
    tokens.map((token) => token === "\\pm" ? plusMinus : token === "\\mp" ? minusPlus : token)
      .join("").replace(/(^|[({,])\+/g, "$1");
  return listOf([signed("+", "-"), signed("-", "+")]);
}
