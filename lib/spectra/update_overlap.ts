/**
 * What both updates of a triple have to do with each other and with the steps of the files' numbers.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { groupByLayer } from "./analysis.ts";
import type { EnergyLayer, EnergyReport } from "./energy_report.ts";
import { weightsFrame } from "./report.ts";

function total(entries: readonly EnergyLayer[], value: (entry: EnergyLayer) => number | undefined) {
  return entries.reduce<number | null>((sum, entry) => {
    const own = value(entry);
    return sum === null || own === undefined ? null : sum + own;
  }, 0);
}

function over(a: number | null, b: number | null): number | null {
  return a === null || b === null || b === 0 ? null : a / b;
}

/**
 * Compares the updates of some weights. A cosine of 0 says that RL goes on in none of IN's
 * directions, one below 0 that it takes back. Elements that do not change by an update smaller than
 * half a step of their type are not those that training left alone; an update shorter than about once
 * the rounding's length is told by few elements, and its spectrum is partly the rounding's.
 *
 * @returns Numbers; null where a report does not say, or an update is zero.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const place = { layer_idx: 1, section: "LLM Backbone", component: "MLP" } as const;
 * const { cosine, rl_unchanged } = updateOverlap([{
 *   ...place,
 *   param_name: "w",
 *   sft: { fro_norm: 2, relative_norm: 0.1, unchanged: 0 },
 *   rl: { fro_norm: 1, relative_norm: 0.05, unchanged: 6 },
 *   elements: 8,
 *   inner_product: -1,
 *   rounding_norm: 0.5,
 * }]);
 * assertAlmostEquals(cosine!, -0.5);
 * assertAlmostEquals(rl_unchanged!, 0.75);
 * ```
 */
export function updateOverlap(entries: readonly EnergyLayer[]) {
  const length = (value: (entry: EnergyLayer) => number | undefined) => {
    const squares = total(entries, (entry) => {
      const own = value(entry);
      return own === undefined ? undefined : own ** 2;
    });
    return squares === null ? null : Math.sqrt(squares);
  };
  const elements = total(entries, (entry) => entry.elements);
  const [sft, rl] = [length(({ sft }) => sft.fro_norm), length(({ rl }) => rl.fro_norm)];
  const rounding = length((entry) => entry.rounding_norm);
  const product = total(entries, (entry) => entry.inner_product);
  return {
    n_params: entries.length,
    /** Share of elements whose bits are those before the update. */
    in_unchanged: over(total(entries, (entry) => entry.sft.unchanged), elements),
    rl_unchanged: over(total(entries, (entry) => entry.rl.unchanged), elements),
    /** Of the angle between IN's update and RL's, as vectors of all elements. */
    cosine: over(product, sft! * rl!),
    /** Length of each update over the length that rounding to the files' type gives by itself. */
    in_over_rounding: over(sft, rounding),
    rl_over_rounding: over(rl, rounding),
  };
}

/**
 * {@linkcode updateOverlap} of each layer index, ascending: layer_idx, section, n_params,
 * in_unchanged, rl_unchanged, cosine, in_over_rounding, rl_over_rounding.
 */
export function updateOverlapFrame({ layers }: EnergyReport): pl.DataFrame {
  const rows = groupByLayer(layers).map(([layer_idx, entries]) => ({
    layer_idx,
    section: entries[0].section,
    ...updateOverlap(entries),
  }));
  return weightsFrame(rows, {
    layer_idx: "int",
    section: "string",
    n_params: "int",
    in_unchanged: "float",
    rl_unchanged: "float",
    cosine: "float",
    in_over_rounding: "float",
    rl_over_rounding: "float",
  });
}
