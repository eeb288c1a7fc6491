/**
 * Update energy in short.
 *
 * @module
 */
import { type EnergyReport, energyShares } from "../../spectra/mod.ts";
import { type Third, THIRDS } from "../../thirds.ts";
import { type FindingTable, number, percent } from "../finding_table.ts";

/** Shares of energy by third. */
export function energyTable(report: EnergyReport): FindingTable {
  const shares = energyShares(report);
  const of = (region: Third, phase: string) =>
    shares.find((share) => share.region === region && share.phase === phase);
  return {
    caption: "Update energy of the language model by third",
    columns: [
      { label: "third" },
      number("weight matrices"),
      number("share of IN's energy"),
      number("share of RL's"),
      number("IN, relative norm"),
      number("RL, relative norm"),
    ],
    rows: THIRDS.map((region) => [
      region,
      of(region, "IN")?.n_params ?? 0,
      percent(of(region, "IN")?.energy_share),
      percent(of(region, "RL")?.energy_share),
      of(region, "IN")?.relative_norm_mean,
      of(region, "RL")?.relative_norm_mean,
    ]),
  };
}
