/**
 * Spectra of the updates in short.
 *
 * @module
 */
import { type DiversityReport, spectrumShapes } from "../../spectra/mod.ts";
import { THIRDS } from "../../thirds.ts";
import { type FindingTable, number } from "../finding_table.ts";

/** Shapes of the spectra by third. */
export function diversityTable(report: DiversityReport): FindingTable {
  const shapes = spectrumShapes(report);
  return {
    caption: "Singular value spectra of the updates by third, means over weight matrices " +
      `(k = ${report.metadata.topk})`,
    columns: [
      { label: "third" },
      { label: "phase" },
      number("weight matrices"),
      number("ln σ₁/σₖ"),
      number("stable rank"),
      number("effective rank"),
    ],
    rows: shapes.toSorted((a, b) => THIRDS.indexOf(a.region) - THIRDS.indexOf(b.region)).map((
      shape,
    ) => [
      shape.region,
      shape.phase,
      shape.n_params,
      shape.decay_mean,
      shape.stable_rank_mean,
      shape.effective_rank_mean,
    ]),
  };
}
