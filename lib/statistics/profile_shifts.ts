/**
 * Profiles over depth: one value a layer, of layers that resemble their neighbours.
 *
 * @module
 */

/**
 * The share of circular shifts of a profile, its own place among them, whose statistic is at least the
 * profile's own: a p-value, one-sided. A shift keeps how alike neighbours are, which a test that takes
 * layers for independent samples does not: on smooth profiles that one finds something in most. The
 * profile's two ends meet in a shift, a step that smooth profiles do not have elsewhere.
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
  if (profile.length === 0) throw new RangeError("Cannot shift a profile of no layers");
  const own = statistic(profile);
  // Sums in another order differ in their last digits.
  const least = own - 1e-12 * Math.abs(own);
  const asLarge = profile.filter((_, shift) =>
    statistic([...profile.slice(shift), ...profile.slice(0, shift)]) >= least
  );
  return asLarge.length / profile.length;
}
