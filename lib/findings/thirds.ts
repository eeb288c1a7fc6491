/**
 * The thirds of the language model, by which the paper states most claims.
 *
 * @module
 */
import { llmRegion, type Region } from "../checkpoint/mod.ts";
import { REGIONS } from "../spectra/mod.ts";
import {
  type Column,
  CONFIDENCE,
  type Contrast,
  fewDifference,
  fewMean,
  less,
  meanContrast,
  type Resampling,
  smallest,
} from "../statistics/mod.ts";
import type { Measured, Term } from "./statement.ts";

/** Something for each third. */
export type Thirds<T> = Record<Region, T>;

/** Groups things by the third of the LLM layer that each belongs to. */
export function byThird<T>(
  things: readonly T[],
  layerOf: (thing: T) => number,
  numLayers: number,
): Thirds<T[]> {
  const thirds: Thirds<T[]> = { early: [], middle: [], late: [] };
  for (const thing of things) thirds[llmRegion(layerOf(thing), numLayers)].push(thing);
  return thirds;
}

/** A contrast at the ledger's confidence, as a term. */
export function term(name: string, contrast: Contrast): Term {
  return { name, ...contrast(CONFIDENCE) };
}

function others(claimed: Region): Region[] {
  return REGIONS.filter((region) => region !== claimed);
}

/** How much the claimed third exceeds each of the others, over samples. */
export function exceedsBySamples(
  thirds: Thirds<Column>,
  { claimed, ...resampling }: Resampling & { claimed: Region },
): Measured {
  const n = thirds.early.length;
  if (n === 0) return { missing: "No sample has all the values that are compared." };
  return {
    estimate: smallest(
      others(claimed).map((other) =>
        meanContrast(less(thirds[claimed], thirds[other]), resampling)
      ),
    ),
    n,
    terms: REGIONS.map((region) => term(region, meanContrast(thirds[region], resampling))),
  };
}

/** How much the claimed third exceeds each of the others, over its layers. */
export function exceedsByLayers(thirds: Thirds<number[]>, claimed: Region): Measured {
  const counts = REGIONS.map((region) => thirds[region].length);
  if (Math.min(...counts) < 2) {
    return { missing: `The thirds have ${counts.join(", ")} layers: two in each are needed.` };
  }
  return {
    estimate: smallest(
      others(claimed).map((other) => fewDifference(thirds[claimed], thirds[other])),
    ),
    n: Math.min(...counts),
    terms: REGIONS.map((region) => term(region, fewMean(thirds[region]))),
  };
}
