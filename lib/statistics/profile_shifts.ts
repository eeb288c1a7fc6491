/**
 * Profiles over depth: one value a layer, of layers that resemble their neighbours.
 *
 * @module
 */

/**
 * A statistic of every circular shift of a profile, its own place first. A shift keeps how alike
 * neighbours are. The profile's two ends meet in it, a step that smooth profiles do not have elsewhere.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shiftedStatistics([1, 2, 3], (profile) => profile[0]), [1, 2, 3]);
 * ```
 *
 * @throws {RangeError} if the profile is empty.
 */
export function shiftedStatistics<T>(
  profile: readonly T[],
  statistic: (profile: readonly T[]) => number,
): number[] {
  if (profile.length === 0) throw new RangeError("Cannot shift a profile of no layers");
  return profile.map((_, shift) =>
    statistic([...profile.slice(shift), ...profile.slice(0, shift)])
  );
}

/**
 * The share of circular shifts of a profile, its own place among them, whose statistic is at least the
 * profile's own: a p-value, one-sided. A test that takes layers for independent samples finds something
 * in most smooth profiles.
 *
 * It can be no smaller than 1 over the number of layers: below 20 layers it decides nothing at 5 %.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const lateLessEarly = (profile: readonly number[]) => profile[3] - profile[0];
 * assertEquals(shiftTest([1, 2, 3, 4], lateLessEarly), 0.25);
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
