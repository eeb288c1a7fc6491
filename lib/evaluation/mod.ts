/**
 * Evaluating models: benchmarks, samples, prompts, evaluators, reading and judging answers, and the
 * transferability experiments.
 *
 * @module
 */
export * from "./ability_difference.ts";
export * from "./ability_records.ts";
export * from "./ability_report.ts";
export * from "./ability_summary.ts";
export * from "./ability_transition_frame.ts";
export * from "./answer_grader.ts";
export * from "./answer_judge.ts";
export * from "./answer_reader.ts";
export * from "./bootstrap.ts";
export * from "./correctness.ts";
export * from "./evaluator.ts";
export * from "./experiment_sample.ts";
export * from "./experiments.ts";
export * from "./local_evaluator.ts";
export * from "./maths_dataset.ts";
export * from "./maths_equality.ts";
export type { Verdict } from "./maths_verdict.ts";
export * from "./mathvista_dataset.ts";
export * from "./model_kind.ts";
export * from "./prompt_image.ts";
export * from "./prompts.ts";
export * from "./sampling.ts";
export * from "./served/mod.ts";
export * from "./transitions.ts";
