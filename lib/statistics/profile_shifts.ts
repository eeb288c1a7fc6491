/**
 * Profiles over depth: one value a layer, of layers that resemble their neighbours.
 *
 * @module
 */

/**
 * The share of shifts of a profile, its own place among them, whose statistic is at least the profile's
 * own: a p-value, one-sided. The profile and its mirror image make a circle without a step, along which
 * a window of the profile's length moves. A shift keeps how alike neighbours are, which a test that
 * takes layers for independent samples does not: on smooth profiles that one finds something in most.
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
  if (profile.length === 0) throw new RangeError("Cannot shift a profile of no layers");
  const circle = [...profile, ...profile.toReversed()];
  const own = statistic(profile);
  // Sums in another order differ in their last digits.
  const least = own - 1e-12 * Math.abs(own);
  const asLarge = circle.filter((_, shift) =>
    statistic([...circle, ...circle].slice(shift, shift + profile.length)) >= least
  );
  return asLarge.length / circle.length;
}
