/**
 * Where a condition turns.
 *
 * @module
 */

/**
 * Halves an interval until no number lies between its ends.
 *
 * @param holds Holds at the low end, not at the high one, and turns once between them.
 */
export function turningPoint(
  holds: (x: number) => boolean,
  [from, to]: readonly [number, number],
): number {
  let [low, high] = [from, to];
  // Toward 0 there are a thousand halves: 200 reach 1e-60.
  for (let i = 0; i < 200; i++) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low + (high - low) / 2;
}
