/**
 * What changed between the checkpoints of a triple: energy, singular values and directions of the
 * updates.
 * Many names: each analysis can be called or run as an experiment, and has its report and frames.
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
export {
  measureParameters,
  parameterBytes,
  selectParameters,
  type WeightAnalysis,
} from "./analysis.ts";
export { computeDiversity, DIVERSITY_ANALYSIS } from "./diversity.ts";
export {
  type DiversityReport,
  diversityReportSchema,
  diversitySummaryFrame,
  representativeSpectraFrame,
} from "./diversity_report.ts";
export { computeEnergy, ENERGY_ANALYSIS } from "./energy.ts";
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
export type { ReadTripleOptions, TripleFolders, TripleParameter } from "./triple.ts";
export { updateAngles, updateAnglesFrame } from "./update_angles.ts";
export { updateOverlap, updateOverlapFrame } from "./update_overlap.ts";
