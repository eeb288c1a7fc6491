/**
 * Inequalities in one variable as the intervals they say it is in.
 *
 * @module
 */
import type { Token } from "./tokens.ts";

/** An interval that a variable is in. */
export interface Interval {
  /** The opening and the closing bracket. */
  brackets: string;
  /** Spelled mathematics. */
  ends: [low: string, high: string];
  variable: string;
}

const UP = new Set(["<", "\\le"]);
const DOWN = new Set([">", "\\ge"]);
const VARIABLE = /^(?:[A-Za-z]|\\(?:theta|alpha|beta|lambda|phi|omega))(?:_\{\w+\})?$/;

/**
 * Reads "x < 3", "3 \ge x" or "-2 \le x < 7".
 *
 * @param relations What stands between the sides.
 * @param sides Spelled mathematics, one more.
 * @returns undefined if the relations are no inequalities of one direction, or no side is a
 * variable that the other sides are free of.
 */
export function asInterval(
  relations: readonly Token[],
  sides: readonly string[],
): Interval | undefined {
  if (relations.length > 2) return undefined;
  const up = relations.every((relation) => UP.has(relation));
  if (!up && !relations.every((relation) => DOWN.has(relation))) return undefined;
  const [from, to] = up ? [sides, relations] : [sides.toReversed(), relations.toReversed()];
  const at = from.length === 3 ? 1 : from.findIndex((side) => VARIABLE.test(side));
  const variable = from[at];
  if (variable === undefined || !VARIABLE.test(variable)) return undefined;
  // A letter elsewhere may be the variable, or a value that is not known.
  if (from.some((side, i) => i !== at && /[A-Za-z]/.test(side.replace(/\\[A-Za-z]+/g, "")))) {
    return undefined;
  }
  const strict = (relation: Token) => relation === "<" || relation === ">";
  const low = at > 0 ? from[at - 1] : "-\\infty";
  const high = at < from.length - 1 ? from[at + 1] : "\\infty";
  const open = at > 0 && !strict(to[at - 1]) ? "[" : "(";
  const close = at < from.length - 1 && !strict(to[at]) ? "]" : ")";
  return { brackets: open + close, ends: [low, high], variable };
}
