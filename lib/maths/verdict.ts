/**
 * What a comparison says, and how verdicts combine.
 *
 * @module
 */

/** Whether two answers are the same; `undecided` where that could not be found out. */
export type Verdict = "equal" | "different" | "undecided";

/** What one verdict decides; else undecided if one is, else the other one. */
function combined(verdicts: Iterable<Verdict>, decisive: Verdict, other: Verdict): Verdict {
  let undecided = false;
  for (const verdict of verdicts) {
    if (verdict === decisive) return decisive;
    undecided ||= verdict === "undecided";
  }
  return undecided ? "undecided" : other;
}

/** Equal only if all are; different as soon as one is. */
export const allOf = (verdicts: Iterable<Verdict>) => combined(verdicts, "different", "equal");

/** Equal as soon as one is; different only if all are. */
export const anyOf = (verdicts: Iterable<Verdict>) => combined(verdicts, "equal", "different");

/**
 * Whether the members of two lists can be paired so that each pair is equal, in any order.
 *
 * @param a Members of one list.
 * @param b Members of the other.
 * @param compare Compares two members; called at most once a pair.
 */
export function pairedInAnyOrder<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (a: T, b: T) => Verdict,
): Verdict {
  if (a.length !== b.length) return "different";
  const verdicts = a.map((x) => b.map((y) => compare(x, y)));
  if (canPair(verdicts, ["equal"])) return "equal";
  return canPair(verdicts, ["equal", "undecided"]) ? "undecided" : "different";
}

/** Whether each member of either list is one of the other. */
export function coveredBy<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (a: T, b: T) => Verdict,
): Verdict {
  const verdicts = a.map((x) => b.map((y) => compare(x, y)));
  const columns = b.map((_, i) => verdicts.map((row) => row[i]));
  return allOf([...verdicts, ...columns].map(anyOf));
}

/** Whether each row can be given a column of its own with an accepted verdict (augmenting paths). */
function canPair(verdicts: readonly Verdict[][], accepted: readonly Verdict[]): boolean {
  const rowOf = new Map<number, number>();
  const place = (row: number, tried: Set<number>): boolean =>
    verdicts[row].some((verdict, column) => {
      if (!accepted.includes(verdict) || tried.has(column)) return false;
      tried.add(column);
      const other = rowOf.get(column);
      if (other !== undefined && !place(other, tried)) return false;
      rowOf.set(column, row);
      return true;
    });
  return verdicts.every((_, row) => place(row, new Set()));
}
