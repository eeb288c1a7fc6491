/**
 * Where a function crosses 0.
 *
 * @module
 */

/** Relative distance of numbers that are taken for the same. */
const CLOSE = 2 ** -51;

/**
 * Narrows an interval to a crossing's last digits, in about ten steps where the function is smooth: by a
 * line through both ends (regula falsi; of an end that stays, half the value is taken, as in the Illinois
 * method), and by halves where lines do not narrow it enough.
 *
 * @param value Above 0 at the low end, not above at the high one; it is asked at neither, and may be
 * infinite.
 */
export function crossing(
  value: (x: number) => number,
  [from, to]: readonly [number, number],
): number {
  // Of ends that were not asked nothing is known but the sign.
  let [low, above, high, below] = [from, Infinity, to, -Infinity];
  let last = 0;
  let byHalves = true;
  // Toward 0 there are a thousand halves: 200 reach 1e-60.
  for (let i = 0; i < 200; i++) {
    const width = high - low;
    const least = CLOSE * Math.max(Math.abs(low), Math.abs(high));
    if (width <= 2 * least) break;
    const line = low + width * (above / (above - below));
    const x = byHalves || Number.isNaN(line)
      ? low + width / 2
      : Math.min(high - least, Math.max(low + least, line));
    const found = value(x);
    const side = found > 0 ? 1 : -1;
    if (side > 0) [low, above] = [x, found];
    else [high, below] = [x, found];
    if (side === last && side > 0) below /= 2;
    if (side === last && side < 0) above /= 2;
    byHalves = !byHalves && high - low > width / 2;
    last = side;
  }
  return low + (high - low) / 2;
}
