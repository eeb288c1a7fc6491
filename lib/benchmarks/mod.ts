/**
 * Benchmarks: data sets, prompts, reading answers out of responses, and grading them.
 *
 * @module
 */
export * from "./answer_judge.ts";
export * from "./experiment_sample.ts";
export * from "./grading.ts";
export * from "./maths_dataset.ts";
export * from "./mathvista_dataset.ts";
export * from "./model_kind.ts";
export * from "./prompt_image.ts";
export * from "./prompts.ts";
