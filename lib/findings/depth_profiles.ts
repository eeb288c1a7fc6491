/**
 * Profiles of weights over depth, by thirds. Weights are no sample, and layers resemble their
 * neighbours: a test that takes layers for independent finds something in most profiles without any
 * structure. So a statement about weights is described: by all ways to compute it that are as good
 * as each other (norms, matrices, borders of the thirds). Whether thirds have to do with it is asked
 * of the profile shifted over depth.
 *
 * @module
 */
import { mean, shiftedStatistics } from "../statistics/mod.ts";
import { type LayerCuts, type Third, thirdAt, THIRDS, type Thirds } from "../thirds.ts";
import type { Measured, Term } from "./statement.ts";

/** A value a layer, null for a layer without one. */
export type Profile = readonly (number | null)[];

/** A statistic of a profile's means by third, above 0 where a statement holds. */
export type Lead = (means: Thirds<number>) => number;

/** A layer's matrices that do not count: none, those of attention, or of the MLP. */
const LEFT_OUT = [null, "Attention", "MLP"];

/** Below so many layers a third nothing is said: a border that moves by one would leave one. */
const LEAST_LAYERS = 3;

/**
 * Profiles of the language model's matrices, by every way to sum up a layer and every set of matrices
 * that counts; the main one first.
 *
 * @param ways From a layer's matrices to its value.
 */
export function layerProfiles<M extends { layer_idx: number; component: string }>(
  matrices: readonly M[],
  numLayers: number,
  ways: readonly ((own: readonly M[]) => number)[],
): Profile[] {
  return ways.flatMap((way) =>
    LEFT_OUT.flatMap((leftOut) => {
      const counted = matrices.filter(({ component }) => component !== leftOut);
      const byLayer = Map.groupBy(counted, ({ layer_idx }) => layer_idx - 1);
      const valueOf = (own: M[] | undefined) => own === undefined ? null : way(own);
      return counted.length === 0
        ? []
        : [Array.from({ length: numLayers }, (_, layer) => valueOf(byLayer.get(layer)))];
    })
  );
}

/** The two borders of the thirds, as everywhere, then each moved by one layer either way. */
function movedCuts(numLayers: number): LayerCuts[] {
  const third = Math.floor(numLayers / 3);
  const moves = [0, -1, 1];
  return moves.flatMap((a) => moves.map((b): LayerCuts => [third + a, 2 * third + b]));
}

/** Means by third, or null if a third has no value. */
function thirdMeans(profile: Profile, cuts: LayerCuts): Thirds<number> | null {
  const values: Thirds<number[]> = { early: [], middle: [], late: [] };
  profile.forEach((value, layer) => {
    if (value !== null) values[thirdAt(layer, cuts)].push(value);
  });
  if (THIRDS.some((region) => values[region].length === 0)) return null;
  return { early: mean(values.early), middle: mean(values.middle), late: mean(values.late) };
}

/** A lead's last digits are noise: profiles alike in every layer lead by nothing. */
const clean = (value: number) => Math.abs(value) < 1e-12 ? 0 : value;

/** What a statement about weights says, and what is told beside it. */
export interface Specified {
  lead: Lead;
  /** Thirds that are told, with their range. */
  regions: readonly Third[];
  /** -1 where they are told with their sign turned; default 1. */
  sign?: 1 | -1;
  note?: string;
}

/** A lead by every specification; of the profiles the main one is first. */
export function specify(
  profiles: readonly Profile[],
  { lead, regions, sign = 1, note }: Specified,
): Measured {
  const numLayers = profiles[0].length;
  const third = Math.floor(numLayers / 3);
  if (third < LEAST_LAYERS) {
    return {
      nothing: `The thirds of ${numLayers} layers have ${third}: too few to decide, ` +
        `at least ${LEAST_LAYERS} are needed`,
    };
  }
  const means = profiles.flatMap((profile) =>
    movedCuts(numLayers).map((cuts) => thirdMeans(profile, cuts))
  );
  const complete = means.filter((found) => found !== null);
  if (means[0] === null || complete.length === 0) {
    return { missing: "A third has no layer with an update in both phases." };
  }
  const terms = regions.map((region): Term => {
    const all = complete.map((found) => sign * found[region]);
    return { name: region, value: all[0], low: Math.min(...all), high: Math.max(...all) };
  });
  return { specifications: complete.map((found) => clean(lead(found))), terms, note };
}

/**
 * Chances, by shifts of profiles over depth, that profiles without thirds speak as clearly for a claim,
 * or against it.
 */
export interface Shifts {
  supported: number;
  contradicted: number;
}

/** The leads of the statements that rest on one profile, if there is one. */
export interface ShiftedProfile {
  profile: Profile | undefined;
  leads: readonly Lead[];
}

/**
 * The share of shifts of profiles over depth, each by itself, whose smallest lead is at least as large
 * as where they are: all statements hold as clearly. Leads are in standard deviations of their profile.
 *
 * @returns Null if a profile is missing or has no spread, or a shift no value in a third.
 */
function shareAsClear(profiles: readonly ShiftedProfile[], sign: 1 | -1): number | null {
  const all = profiles.map(({ profile = [], leads }) => {
    if (profile.length === 0) return [NaN];
    const values = profile.filter((value) => value !== null);
    const center = mean(values);
    const spread = Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
    const [cuts] = movedCuts(profile.length);
    return shiftedStatistics(profile, (shifted) => {
      const means = thirdMeans(shifted, cuts);
      return means === null ? NaN : Math.min(...leads.map((lead) => sign * lead(means))) / spread;
    });
  });
  if (all.flat().some((value) => !Number.isFinite(value))) return null;
  const own = Math.min(...all.map(([first]) => first));
  // Sums in another order differ in their last digits.
  const least = own - 1e-9 * Math.abs(own);
  // The smallest of independent shifts is as large if each is.
  return all.reduce(
    (share, values) => share * values.filter((value) => value >= least).length / values.length,
    1,
  );
}

/**
 * Shifts profiles over depth: how many shifts are as clear for all statements, or against all, times
 * the number of profiles. The latter because shifts are not quite as likely as a smooth profile's own
 * place, and the more profiles the less: of pairs without thirds, whose neighbours correlate by 0.9,
 * 7 to 10 % would else be clear against claim 4 at 5 %, and 3 to 4 % are so.
 */
export function shiftProfiles(profiles: readonly ShiftedProfile[]): Shifts | null {
  const [supported, contradicted] = [shareAsClear(profiles, 1), shareAsClear(profiles, -1)];
  if (supported === null || contradicted === null) return null;
  const corrected = (share: number) => Math.min(1, share * profiles.length);
  return { supported: corrected(supported), contradicted: corrected(contradicted) };
}
