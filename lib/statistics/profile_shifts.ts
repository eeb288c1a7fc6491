/**
 * Profiles over depth: one value a layer, of layers that resemble their neighbours.
 *
 * @module
 */

/**
 * A statistic of every shift of a profile, its own place first. The profile and its mirror image make a
 * circle without a step, along which a window of the profile's length moves: a shift keeps how alike
 * neighbours are.
 *
 * How many shifts have a statistic at least as large as the profile's own place says how likely that is
 * without structure. A test that takes layers for independent samples finds something in most smooth
 * profiles. Without the mirror image, whose place a step would take, this one does in up to 13 % of
 * profiles whose neighbours correlate by 0.9.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shiftedStatistics([1, 2, 3], ([first]) => first), [1, 2, 3, 3, 2, 1]);
 * ```
 */
export function shiftedStatistics<T>(
  profile: readonly T[],
  statistic: (profile: readonly T[]) => number,
): number[] {
  const circle = [...profile, ...profile.toReversed()];
  return circle.map((_, shift) =>
    statistic([...circle, ...circle].slice(shift, shift + profile.length))
  );
}
