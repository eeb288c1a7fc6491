/**
 * The findings, a folder each: experiment, report, frames, claim; and the paper's claims as typed
 * statements, held against them. Many names: each finding has its experiment, its report, frames and
 * figures.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { judgeClaims, readFindings } from "./mod.ts";
 *
 * const ledger = judgeClaims(await readFindings("results/none"));
 * assertEquals(ledger.claims[0].verdict, "not run");
 * ```
 *
 * @module
 */
export { abilityExperiment, abilityOptions } from "./abilities/experiment.ts";
export { ABILITY_FILES } from "./abilities/folder.ts";
export {
  abilityDifferenceFrame,
  abilityFrame,
  abilityTransitionFrame,
} from "./abilities/frames.ts";
export { regradeRun } from "./abilities/grading.ts";
export type { AbilityModel } from "./abilities/model.ts";
export {
  frozenStanding,
  mergeStanding,
  type ModelStanding,
  OTHER_STANDING,
  roleStanding,
} from "./abilities/model_standing.ts";
export type { AbilityReport } from "./abilities/report.ts";
export { abilityTable } from "./abilities/table.ts";
export { abilityFigure } from "./abilities/figure.ts";
export { transitionFigure } from "./abilities/transition_figure.ts";
export { attentionFigure } from "./attention/figure.ts";
export { attentionShiftFigure } from "./attention/shift_figure.ts";
export { attentionHeadFigure } from "./attention/head_figure.ts";
export { ATTENTION_EXPERIMENT, ATTENTION_FILES } from "./attention/experiment.ts";
export {
  attentionFrame,
  attentionHeadFrame,
  type AttentionReport,
  attentionShiftFrame,
} from "./attention/report.ts";
export {
  FINDING_KEYS,
  findingBasis,
  findingFrames,
  type FindingKey,
  findingOf,
  FINDINGS,
  type Findings,
  findingSummary,
  type OptionsOf,
  type ReportOf,
} from "./findings.ts";
export type { Finding } from "./finding.ts";
export {
  type AbilityFindingOptions,
  answerLimit,
  type FindingOptions,
  type FindingStudy,
  type ModelGroups,
  type RecipeRole,
} from "./finding_study.ts";
export { judgeClaims, type Ledger, type LedgerClaim, ledgerSchema, verdictText } from "./ledger.ts";
export { updateAnglesFigure } from "./diversity/angles_figure.ts";
export {
  effectiveRankFigure,
  logVolumeFigure,
  spectralNormFigure,
  stableRankFigure,
} from "./diversity/figures.ts";
export { DIVERSITY_EXPERIMENT } from "./diversity/experiment.ts";
export { normalizedSpectraFigure } from "./diversity/spectra_figure.ts";
export { ENERGY_EXPERIMENT } from "./energy/experiment.ts";
export { energyFigure } from "./energy/figure.ts";
export { energyShareFigure } from "./energy/share_figure.ts";
export { necessityFigure } from "./necessity/figure.ts";
export { spliceDifferenceFigure } from "./splices/difference_figure.ts";
export { spliceFigure } from "./splices/figure.ts";
export { publishedTexts } from "./abilities/published.ts";
export { readFindings } from "./read_findings.ts";
export { reasoningLocalizationFigure } from "./reasoning/figure.ts";
export { reasoningByLevelFigure } from "./reasoning/level_figure.ts";
export { REASONING_EXPERIMENT } from "./reasoning/experiment.ts";
export { reasoningByLevelFrame, reasoningLocalizationFrame } from "./reasoning/frames.ts";
export type { ReasoningReport } from "./reasoning/report.ts";
export { shareColumns } from "./share_columns.ts";
export { intervalText, type Statement, type Verdict, VERDICTS } from "./statement.ts";
export type { RunSize, Workload } from "./workload.ts";
export { visionLocalizationFigure } from "./vision/figure.ts";
export { visionStepFigure } from "./vision/step_figure.ts";
export { VISION_EXPERIMENT, VISION_FILES } from "./vision/experiment.ts";
export { visionLogitFrame } from "./vision/logit_report.ts";
export { visionReadOutFrame } from "./vision/read_outs.ts";
export { visionLocalizationFrame, type VisionReport } from "./vision/report.ts";
