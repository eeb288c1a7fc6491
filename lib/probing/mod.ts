/**
 * Where abilities live: vision localization, reasoning localization and attention shift. Many names:
 * each of the three has records with keys, a report with its layout, and frames.
 *
 * @module
 */
export {
  attentionKey,
  attentionRecordSchema,
  generationKey,
  generationRecordSchema,
  MODEL_ROLES,
  type ModelRole,
} from "./attention_records.ts";
export {
  attentionFrame,
  attentionHeadFrame,
  type AttentionReport,
  attentionReportSchema,
  attentionShiftFrame,
  reportAttention,
} from "./attention_report.ts";
export { attentionShift, type ImageQuestion } from "./attention_shift.ts";
export { reasoningLocalization, type ReasoningProblem } from "./reasoning_localization.ts";
export {
  ablationName,
  reasoningKey,
  type ReasoningRecord,
  reasoningRecordSchema,
} from "./reasoning_records.ts";
export {
  ablationSummary,
  reasoningByLevelFrame,
  reasoningByOtherGrading,
  reasoningLocalizationFrame,
  type ReasoningReport,
  reasoningReportSchema,
  reportReasoning,
} from "./reasoning_report.ts";
export { fromMarks } from "./sample_marks.ts";
export { visionLocalization } from "./vision_localization.ts";
export {
  controlKey,
  controlRecordSchema,
  pairKey,
  visionKey,
  visionRecordSchema,
} from "./vision_records.ts";
export {
  reportVision,
  visionLocalizationFrame,
  type VisionReport,
  visionReportSchema,
} from "./vision_report.ts";
