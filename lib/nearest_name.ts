/**
 * The name that somebody probably meant.
 *
 * @module
 */
import { listText } from "./list_text.ts";

/** Letters to insert, remove, replace or swap with their neighbour to make `b` of `a`. */
function editDistance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}

/** More letters than any name that is meant. */
const LONGEST = 100;

/** The name of those known that was probably meant; undefined if none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.slice(0, LONGEST).toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const [nearest] = known
    .map((other) => ({ other, distance: editDistance(plain(name), plain(other)) }))
    .sort((a, b) => a.distance - b.distance);
  const allowed = nearest && Math.max(1, Math.floor(plain(nearest.other).length / 3));
  return nearest && nearest.distance <= allowed ? nearest.other : undefined;
}

/**
 * Half a sentence about a name that is not known: the one that was probably meant, else those that
 * there are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const known = ["zeroAblate", "swapVisualTokens"];
 * assertEquals(didYouMean("zeroAblat", known), '"zeroAblat"; did you mean "zeroAblate"?');
 * assertEquals(didYouMean("x", known), '"x"; there are zeroAblate, swapVisualTokens');
 * ```
 */
export function didYouMean(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
  return nearest !== undefined
    ? `${shown}; did you mean ${JSON.stringify(nearest)}?`
    : `${shown}; there are ${listText(known) || "none"}`;
}
