/**
 * The transferability experiments: which samples, what is shown of them, what is measured, and the
 * report of three abilities.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { EXPERIMENTS } from "./mod.ts";
 *
 * assertEquals(EXPERIMENTS.v1.map(({ ability }) => ability), [
 *   "perception",
 *   "alignment",
 *   "reasoning",
 * ]);
 * ```
 *
 * @module
 */
export { type AbilityRecord, abilityRecordSchema } from "./ability_records.ts";
export { type AbilityReport, abilityReportSchema, byOtherGrading } from "./ability_report.ts";
export { abilityDifferenceFrame, abilityFrame, reportAbilities } from "./ability_summary.ts";
export { abilityTransitionFrame } from "./ability_transition_frame.ts";
export {
  drawSample,
  loadBenchmark,
  type LoadedBenchmark,
  loadSample,
  questionHash,
  type SampledQuestion,
} from "./experiment_sample.ts";
export {
  benchmarkOf,
  type Experiment,
  EXPERIMENT_TYPES,
  experimentNamed,
  EXPERIMENTS,
  type ExperimentSetting,
  type ExperimentType,
  isDescribed,
} from "./experiments.ts";
export {
  frozenStanding,
  mergeStanding,
  type ModelStanding,
  OTHER_STANDING,
  roleStanding,
} from "./model_standing.ts";
export { type ExperimentSummary, summariseExperiment } from "./transitions.ts";
