/**
 * Models that answer: checkpoints and merges of this machine, and models served by others, behind
 * one interface; and those that judge answers or describe images.
 *
 * @module
 */
export { Describer, type ImageDescriber, type ImageToDescribe } from "./describer.ts";
export type {
  EvaluateOptions,
  EvaluationRequest,
  EvaluationResponse,
  Evaluator,
} from "./evaluator.ts";
export { LocalEvaluator, type LocalEvaluatorOptions, type LocalModel } from "./local_evaluator.ts";
export { createServedEvaluator, type ServedEvaluatorOptions } from "./served_evaluator.ts";
export {
  type AnswerJudge,
  DEFAULT_SERVED_MODEL,
  type JudgedAnswer,
  ServedJudge,
} from "./served_judge.ts";
