/**
 * Models that answer: checkpoints and merges of this machine, and models served by others, behind
 * one interface; and those that judge answers or describe images.
 *
 * @module
 */
export type { AnswerJudge, ImageDescriber, ImageToDescribe, JudgedAnswer } from "./answer_judge.ts";
export { Describer } from "./describer.ts";
export type {
  EvaluateOptions,
  EvaluationRequest,
  EvaluationResponse,
  Evaluator,
} from "./evaluator.ts";
export { LocalEvaluator, type LocalEvaluatorOptions, type LocalModel } from "./local_evaluator.ts";
export { createServedEvaluator, type ServedEvaluatorOptions } from "./served_evaluator.ts";
export { DEFAULT_SERVED_MODEL, ServedJudge } from "./served_judge.ts";
