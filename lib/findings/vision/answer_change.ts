/**
 * Whether an intervention changed an answer.
 *
 * @module
 */

/** Both answers shorter than this must match exactly. */
const SHORT = 20;

function normalise(answer: string): string {
  const text = answer.toLowerCase().trim();
  // A loop: as a pattern this takes quadratic time on a long run of points before a word.
  let end = text.length;
  while (end > 0 && ".,!?;:".includes(text[end - 1])) end--;
  return text.slice(0, end);
}

/**
 * Whether two answers differ, as the vision localization compares them: in lower case, trimmed,
 * without punctuation at the end; if both are under 20 characters they must be the same, otherwise
 * one may contain the other. An empty answer is the same as an empty answer only.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(!answersDiffer("Three.", "three"));
 * assert(answersDiffer("3", "13"));
 * ```
 */
export function answersDiffer(answer: string, other: string): boolean {
  const [a, b] = [normalise(answer), normalise(other)];
  // Every text contains the empty one, which would make a silenced model look unchanged.
  if (a === "" || b === "") return a !== b;
  if ([...a].length < SHORT && [...b].length < SHORT) return a !== b;
  return !a.includes(b) && !b.includes(a);
}
