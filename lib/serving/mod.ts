/**
 * Models that answer questions: local ones, and those that others serve, which also judge answers and
 * describe images.
 *
 * Keys come from the environment only and are masked in every text that leaves this room.
 *
 * @module
 */
export type { Clock } from "./clock.ts";
export type { ConnectOptions, ServedApi } from "./connect.ts";
export type { AnswerInQuestion } from "./judge_prompt.ts";
export * from "./describer.ts";
export * from "./evaluator.ts";
export * from "./local_evaluator.ts";
export * from "./request_schedule.ts";
export * from "./served_error.ts";
export * from "./served_evaluator.ts";
export * from "./served_judge.ts";
