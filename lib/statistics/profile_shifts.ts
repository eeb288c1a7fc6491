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
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shiftedStatistics([1, 2, 3], ([first]) => first), [1, 2, 3, 3, 2, 1]);
 * ```
 *
 * @throws {RangeError} if the profile is empty.
 */
export function shiftedStatistics<T>(
  profile: readonly T[],
  statistic: (profile: readonly T[]) => number,
): number[] {
  if (profile.length === 0) throw new RangeError("Cannot shift a profile of no layers");
  const circle = [...profile, ...profile.toReversed()];
  return circle.map((_, shift) =>
    statistic([...circle, ...circle].slice(shift, shift + profile.length))
  );
}

/**
 * The share of shifts of a profile, its own place among them, whose statistic is at least the profile's
 * own: a p-value, one-sided. A test that takes layers for independent samples finds something in most
 * smooth profiles.
 *
 * Of profiles without structure, whose neighbours correlate by 0.9, it finds a third above the others
 * in 2 to 4 % at 28 and 36 layers and in at most 6 % at 12, at p <= 0.05; without the mirror image,
 * whose place a step would take, it would in up to 13 %. It can be no smaller than 1 over twice the
 * number of layers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const lateLessEarly = (profile: readonly number[]) => profile[3] - profile[0];
 * assertEquals(shiftTest([1, 2, 3, 4], lateLessEarly), 1 / 8);
 * ```
 *
 * @param statistic Large where the profile has the shape that is asked for.
 * @throws {RangeError} if the profile is empty.
 */
export function shiftTest(
  profile: readonly number[],
  statistic: (profile: readonly number[]) => number,
): number {
  const all = shiftedStatistics(profile, statistic);
  // Sums in another order differ in their last digits.
  const least = all[0] - 1e-12 * Math.abs(all[0]);
  return all.filter((value) => value >= least).length / all.length;
}
