/**
 * Whether two answers are mathematically the same.
 *
 * @module
 */
import { Budget, OutOfSteps } from "./arithmetic.ts";
import { Comparer } from "./compare.ts";
import { spellMaths } from "./spelling.ts";
import { canonicalDecimal, Formulas } from "./values.ts";
import type { Verdict } from "./verdict.ts";

/** Longest answer that is looked into, in characters; longer ones are compared as texts only. */
const MAX_LENGTH = 4000;
/** Steps of one comparison, about a microsecond each: what needs more is undecided. */
const MAX_STEPS = 2_000_000;

/** Answers too long to look into: the same text, or decimals. */
function compareLong(a: string, b: string): Verdict {
  const [x, y] = [a, b].map((text) => text.replace(/\s/g, ""));
  if (x === y) return "equal";
  const [decimalX, decimalY] = [canonicalDecimal(x), canonicalDecimal(y)];
  if (decimalX === undefined || decimalY === undefined) return "undecided";
  return decimalX === decimalY ? "equal" : "different";
}

/**
 * Whether two answers, LaTeX or plain text, say the same as mathematics. How they are written does
 * not matter: fractions, decimals, order in sets and lists, styling, names of what is found
 * ("x = 5" and "5"), units against none. Values do: nothing is close enough to be equal, except that
 * a decimal of at least six digits stands for the number that it is rounded or cut to. A list, a
 * set, a tuple or an interval is never a number, and order counts in tuples, vectors and ratios.
 * The order of the two answers does not matter. It never throws, and its work is bounded.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(compareMaths("\\frac{1}{2}", "0.5"), "equal");
 * assertEquals(compareMaths("(x+1)^2", "x^2 + 2x + 1"), "equal");
 * assertEquals(compareMaths("[0,1)", "(0,1)"), "different");
 * assertEquals(compareMaths("1, 2", "12"), "different");
 * assertEquals(compareMaths("", ""), "undecided");
 * ```
 *
 * @returns "undecided" where an answer is empty, not understood, or too large to compute; never
 * count it as equal.
 */
export function compareMaths(a: string, b: string): Verdict {
  if (a.trim() === b.trim()) return a.trim() === "" ? "undecided" : "equal";
  if (Math.max(a.length, b.length) > MAX_LENGTH) return compareLong(a.trim(), b.trim());
  // One order, so that the verdict cannot depend on which answer is whose.
  const [x, y] = [spellMaths(a), spellMaths(b)].sort();
  try {
    return new Comparer(new Formulas(new Budget(MAX_STEPS))).compare(x, y);
  } catch (error) {
    // Too many steps, or formulas in formulas deeper than the stack.
    if (error instanceof OutOfSteps || error instanceof RangeError) return "undecided";
    throw error;
  }
}
