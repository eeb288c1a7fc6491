/**
 * What changed between the checkpoints of a triple: energy, singular values and directions of the
 * updates.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { computeEnergy } from "./mod.ts";
 *
 * const folder = "dataset/tiny/checkpoints";
 * const triple = { base: `${folder}/base`, sft: `${folder}/in`, rl: `${folder}/rl` };
 * const { summary } = await computeEnergy(triple, { workers: 1 });
 * assertEquals(summary[0].section, "Vision Encoder");
 * ```
 *
 * @module
 */
export type { AnalysisOptions } from "./analysis.ts";
export { computeDiversity, type DiversityOptions } from "./diversity.ts";
export {
  anglesSchema,
  type DiversityReport,
  diversityReportSchema,
  diversitySummaryFrame,
  metricsSchema,
  representativeSpectraFrame,
} from "./diversity_report.ts";
export { computeEnergy } from "./energy.ts";
export {
  energyParameterFrame,
  type EnergyReport,
  energyReportSchema,
  energySummaryFrame,
} from "./energy_report.ts";
export {
  energyShareFrame,
  energyShares,
  spectrumDecay,
  spectrumShapeFrame,
  spectrumShapes,
} from "./regions.ts";
export { SingularValueSolver } from "./singular_values.ts";
export type { TripleFolders } from "./triple.ts";
export { updateAngles, updateAnglesFrame } from "./update_angles.ts";
export { updateOverlap, updateOverlapFrame } from "./update_overlap.ts";
