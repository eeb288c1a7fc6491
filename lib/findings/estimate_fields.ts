/**
 * An estimate as a report and its frame hold it: the value by its name, the ends of its interval beside
 * it, e.g. accuracy, accuracy_low and accuracy_high.
 *
 * @module
 */
import { z } from "zod";
import type { Estimate } from "../statistics/mod.ts";

type Fields<N extends string, V> = Record<N | `${N}_low` | `${N}_high`, V>;

function fields<N extends string, V>(name: N, [value, low, high]: readonly [V, V, V]) {
  return { [name]: value, [`${name}_low`]: low, [`${name}_high`]: high } as Fields<N, V>;
}

/** The fields of an estimate. */
export function estimateFields<N extends string>(
  name: N,
  { mean, low, high }: Pick<Estimate, "mean" | "low" | "high">,
): Fields<N, number | null> {
  return fields(name, [mean, low, high]);
}

const value = z.number().nullable();

/** The schema of each field. */
export function estimateSchema<N extends string>(name: N): Fields<N, typeof value> {
  return fields(name, [value, value, value]);
}

/** A frame's columns. */
export function estimateColumns<N extends string>(name: N): Fields<N, "float"> {
  return fields(name, ["float", "float", "float"]);
}
