/**
 * Where abilities live: token swapping, zero ablation, attention shift, each as one batched sweep.
 *
 * @module
 */
export * from "./answer_spans.ts";
export * from "./attention_mass.ts";
export * from "./attention_records.ts";
export * from "./attention_report.ts";
export * from "./attention_shift.ts";
export * from "./prompt_parts.ts";
export * from "./reasoning_localization.ts";
export * from "./reasoning_records.ts";
export * from "./reasoning_report.ts";
export { fromMarks } from "./sample_marks.ts";
export * from "./vision_gold.ts";
export * from "./vision_localization.ts";
export * from "./vision_records.ts";
export * from "./vision_report.ts";
export * from "./visual_prefix.ts";
