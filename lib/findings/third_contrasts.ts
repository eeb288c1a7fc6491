/**
 * How much one third of the language model exceeds the others.
 *
 * @module
 */
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
import { type Third, THIRDS, type Thirds } from "../thirds.ts";

/** A contrast at the ledger's confidence, as a term. */
export function term(name: string, contrast: Contrast): Term {
  return { name, ...contrast(CONFIDENCE) };
}

function others(claimed: Third): Third[] {
  return THIRDS.filter((region) => region !== claimed);
}

/** How much the claimed third exceeds each of the others, over samples. */
export function exceedsBySamples(
  thirds: Thirds<Column>,
  { claimed, ...resampling }: Resampling & { claimed: Third },
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
    terms: THIRDS.map((region) => term(region, meanContrast(thirds[region], resampling))),
  };
}

/** How much the claimed third exceeds each of the others, over its layers. */
export function exceedsByLayers(thirds: Thirds<number[]>, claimed: Third): Measured {
  const counts = THIRDS.map((region) => thirds[region].length);
  if (Math.min(...counts) < 2) {
    return { missing: `The thirds have ${counts.join(", ")} layers: two in each are needed.` };
  }
  return {
    estimate: smallest(
      others(claimed).map((other) => fewDifference(thirds[claimed], thirds[other])),
    ),
    n: Math.min(...counts),
    terms: THIRDS.map((region) => term(region, fewMean(thirds[region]))),
  };
}
