/**
 * Spectra of the updates in short.
 *
 * @module
 */
import { type DiversityReport, spectrumShapes, updateAngles } from "../../spectra/mod.ts";
import { THIRDS } from "../../thirds.ts";
import { type FindingTable, number } from "../finding_table.ts";

/** Leading directions that the table and the claim's note compare. */
export const COMPARED = 8;

/** Shapes of the spectra by third; of RL's, how far their leading directions are those of IN's. */
export function diversityTable(report: DiversityReport): FindingTable {
  const shapes = spectrumShapes(report);
  const anglesOf = (region: string, side: "outputs" | "inputs") =>
    updateAngles(report.layers.filter((layer) => layer.region === region))
      .find((angles) => angles.size === COMPARED && angles.side === side);
  return {
    caption: "Singular value spectra of the updates by third, means over weight matrices " +
      `(k = ${report.metadata.topk}); overlap of RL's ${COMPARED} leading directions with IN's`,
    columns: [
      { label: "third" },
      { label: "phase" },
      number("weight matrices"),
      number("ln σ₁/σₖ"),
      number("stable rank"),
      number("effective rank"),
      number("overlap, outputs"),
      number("by chance"),
      number("overlap, inputs"),
      number("by chance"),
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
      ...(["outputs", "inputs"] as const).flatMap((side) => {
        const angles = shape.phase === "RL" ? anglesOf(shape.region, side) : undefined;
        return [angles?.overlap_mean, angles?.chance_mean];
      }),
    ]),
  };
}
