/**
 * How much one third of the language model exceeds the others, over samples.
 *
 * @module
 */
import {
  type Column,
  CONFIDENCE,
  type Contrast,
  type Difference,
  smallestOf,
} from "../statistics/mod.ts";
import type { Measured, Term } from "./statement.ts";
import { type Third, THIRDS, type Thirds } from "../thirds.ts";

/** A contrast at the ledger's confidence, as a term. */
export function term(name: string, contrast: Contrast): Term {
  return { name, ...contrast(CONFIDENCE) };
}

/** The thirds but one. */
export function otherThirds(claimed: Third): Third[] {
  return THIRDS.filter((region) => region !== claimed);
}

/** How values of samples are compared. */
export interface Comparing {
  claimed: Third;
  difference: (a: Column, b: Column) => Difference;
  value: (column: Column) => Contrast;
}

/** How much the claimed third exceeds each of the others. */
export function exceeds(
  thirds: Thirds<Column>,
  { claimed, difference, value }: Comparing,
): Extract<Measured, { contrast: Contrast } | { missing: string }> {
  const n = thirds.early.length;
  if (n === 0) return { missing: "No sample has all the values that are compared." };
  return {
    ...smallestOf(otherThirds(claimed).map((other) => difference(thirds[claimed], thirds[other]))),
    n,
    terms: THIRDS.map((region) => term(region, value(thirds[region]))),
  };
}
