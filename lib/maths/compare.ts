/**
 * Comparing answers by their form, down to single values.
 *
 * @module
 */
import { isName, type Maths, readings, readMaths, type Relation, type Tuple } from "./structure.ts";
import { bracketDepth, tokenise } from "./tokens.ts";
import { allOf, anyOf, pairedInAnyOrder, type Verdict } from "./verdict.ts";

/** How single values and equations are compared. */
export interface ValueComparer {
  /** Compares two values of spelled mathematics. */
  values(a: string, b: string): Verdict;
  /** Compares two equations, each by its two sides. */
  equations(a: readonly [string, string], b: readonly [string, string]): Verdict;
}

/** Most members of a list, and most entries of a matrix. */
const MAX_MEMBERS = 64;
/** Deepest nesting of brackets. */
const MAX_DEPTH = 40;

/**
 * Compares two answers.
 *
 * @param a Spelled mathematics.
 * @param b Spelled mathematics.
 * @param comparer Compares what has no outer form.
 */
export function compareSpelled(a: string, b: string, comparer: ValueComparer): Verdict {
  if (a === b) return a === "" ? "undecided" : "equal";
  for (const tex of [a, b]) {
    const depth = bracketDepth(tokenise(tex));
    if (tex === "" || depth === undefined || depth > MAX_DEPTH) return "undecided";
  }
  const pairs = readings(a).flatMap((x) => readings(b).map((y) => [x, y] as const));
  return anyOf(pairs.map(([x, y]) => compare(x, y, comparer)));
}

function compare(a: Maths, b: Maths, comparer: ValueComparer): Verdict {
  const recurse = (x: Maths, y: Maths) => compare(x, y, comparer);
  if (a.kind === "relation" || b.kind === "relation") return compareRelations(a, b, comparer);
  if (a.kind === "value" && b.kind === "value") return comparer.values(a.tex, b.tex);
  if (a.kind === "words" && b.kind === "words") return sameWords(a.words, b.words);
  if (a.kind === "matrix" && b.kind === "matrix") return compareMatrices(a.rows, b.rows, recurse);
  const [x, y] = [membersOf(a), membersOf(b)];
  if (!x || !y) return "different";
  if (x.length * y.length > MAX_MEMBERS ** 2) return "undecided";
  const kinds = new Set([a.kind, b.kind]);
  if (kinds.has("set")) {
    // Points have an order, sets have none.
    if (kinds.has("tuple") || kinds.has("matrix")) return "different";
    return allOf([covered(x, y, recurse), covered(y, x, recurse)]);
  }
  if (kinds.size === 1 && kinds.has("list")) return pairedInAnyOrder(x, y, recurse);
  if (a.kind === "tuple" && b.kind === "tuple" && !sameBrackets(a, b)) return "different";
  return inOrder(x, y, recurse);
}

/** Members of what has some; a row or a column of a matrix has its entries. */
function membersOf(maths: Maths): Maths[] | undefined {
  if ("members" in maths) return maths.members;
  if (maths.kind !== "matrix") return undefined;
  const isVector = maths.rows.length === 1 || maths.rows.every((row) => row.length === 1);
  return isVector ? maths.rows.flat() : undefined;
}

type Compare = (a: Maths, b: Maths) => Verdict;

function inOrder(a: readonly Maths[], b: readonly Maths[], compare: Compare): Verdict {
  return a.length === b.length ? allOf(a.map((x, i) => compare(x, b[i]))) : "different";
}

/** Whether each of `a` is one of `b`. */
function covered(a: readonly Maths[], b: readonly Maths[], compare: Compare): Verdict {
  return allOf(a.map((x) => anyOf(b.map((y) => compare(x, y)))));
}

function compareMatrices(a: Maths[][], b: Maths[][], compare: Compare): Verdict {
  if (a.length !== b.length || a.some((row, i) => row.length !== b[i].length)) return "different";
  return a.flat().length > MAX_MEMBERS ? "undecided" : inOrder(a.flat(), b.flat(), compare);
}

/** An interval's brackets say whether its ends belong to it, except where an end is infinite. */
function sameBrackets(a: Tuple, b: Tuple): boolean {
  if (a.variable && b.variable && a.variable !== b.variable) return false;
  if (a.members.length !== 2 || b.members.length !== 2) return true;
  const brackets = ({ brackets, members }: Tuple) =>
    members.map((end, i) =>
      end.kind === "value" && end.tex.includes("\\infty") ? "()"[i] : brackets[i]
    ).join("");
  return brackets(a) === brackets(b);
}

function sameWords(a: string, b: string): Verdict {
  const plain = (words: string) => words.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  return plain(a) === plain(b) ? "equal" : "different";
}

/** The value that a relation gives a name to, as "x = 5" does; or the last of "3 + 4 = 7". */
function namedValue({ relations, sides }: Relation): { name: string; value: string } | undefined {
  if (relations.some((relation) => relation !== "=" && relation !== "\\approx")) return undefined;
  const last = sides[sides.length - 1];
  if (isName(sides[0]) && sides[0] !== last) return { name: sides[0], value: last };
  if (sides.length === 2 && isName(last)) return { name: last, value: sides[0] };
  // Only numbers: the end of a calculation.
  return /[A-Za-z]/.test(sides.join("")) ? undefined : { name: "", value: last };
}

function compareRelations(a: Maths, b: Maths, comparer: ValueComparer): Verdict {
  if (a.kind !== "relation" || b.kind !== "relation") {
    const [relation, other] = a.kind === "relation" ? [a, b] : [b as Relation, a];
    const named = namedValue(relation);
    if (named) return compare(readMaths(named.value), other, comparer);
    // An inequality may be of the same numbers as an interval or a union of some.
    return "members" in other ? "undecided" : "different";
  }
  const [x, y] = [namedValue(a), namedValue(b)];
  if (x && y && x.name === y.name) {
    return compare(readMaths(x.value), readMaths(y.value), comparer);
  }
  const equations = [a, b].map(({ relations, sides }) =>
    relations.length === 1 && relations[0] === "=" ? sides : undefined
  );
  if (equations[0] && equations[1]) {
    return comparer.equations(
      equations[0] as [string, string],
      equations[1] as [string, string],
    );
  }
  return a.relations.join() === b.relations.join()
    ? allOf(a.sides.map((side, i) => compare(readMaths(side), readMaths(b.sides[i]), comparer)))
    : "undecided";
}
