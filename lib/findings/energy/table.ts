/**
 * Update energy in short.
 *
 * @module
 */
import { type EnergyReport, energyShares, updateOverlap } from "../../spectra/mod.ts";
import { type Third, thirdOf, THIRDS } from "../../thirds.ts";
import { type FindingTable, number, percent } from "../finding_table.ts";

/** Shares of energy by third, and what both updates have to do with each other and with rounding. */
export function energyTable(report: EnergyReport): FindingTable {
  const shares = energyShares(report);
  const llm = report.layers.filter(({ section }) => section === "LLM Backbone");
  const numLayers = Math.max(0, ...llm.map(({ layer_idx }) => layer_idx));
  const overlaps = THIRDS.map((region) =>
    updateOverlap(llm.filter(({ layer_idx }) => thirdOf(layer_idx - 1, numLayers) === region))
  );
  const of = (region: Third, phase: string) =>
    shares.find((share) => share.region === region && share.phase === phase);
  return {
    caption:
      "Update energy of the language model by third; weights whose bits an update leaves as " +
      "they were, the cosine of both updates, and their length over that of rounding alone",
    columns: [
      { label: "third" },
      number("weight matrices"),
      number("share of IN's energy"),
      number("share of RL's"),
      number("IN, relative norm"),
      number("RL, relative norm"),
      number("unchanged by IN"),
      number("unchanged by RL"),
      number("cosine"),
      number("IN over rounding"),
      number("RL over rounding"),
    ],
    rows: THIRDS.map((region, i) => [
      region,
      of(region, "IN")?.n_params ?? 0,
      percent(of(region, "IN")?.energy_share),
      percent(of(region, "RL")?.energy_share),
      of(region, "IN")?.relative_norm_mean,
      of(region, "RL")?.relative_norm_mean,
      percent(overlaps[i].in_unchanged),
      percent(overlaps[i].rl_unchanged),
      overlaps[i].cosine,
      overlaps[i].in_over_rounding,
      overlaps[i].rl_over_rounding,
    ]),
  };
}
