/**
 * What reasoning localization records of each answer, in the original's field names, and of each
 * ablation's divergence.
 *
 * @module
 */
import { z } from "zod";
import { GRADE_FIELDS } from "../../benchmarks/grading/mod.ts";

/**
 * What an ablated layer adds to the residual stream: nothing, as in the original, or what it adds on
 * average.
 */
export const ABLATIONS = ["zero", "mean"] as const;
/** What an ablated layer adds to the residual stream. */
export type Ablation = typeof ABLATIONS[number];

/** Which layer is ablated, and how; layer -1 for none. */
export interface AblatedLayer {
  ablated_layer: number;
  replaced_with: Ablation;
}

/** One answer. The first ten fields are the original's. */
export const reasoningRecordSchema = z.strictObject({
  id: z.string(),
  question: z.string(),
  gold_answer: z.string(),
  /** The answer as the original reads it out of the response, and by its rules. */
  predicted: z.string(),
  correct: z.boolean(),
  full_response: z.string(),
  /** How the model was asked: "base", "reasoner" or "revisual". */
  model_type: z.string(),
  model: z.string(),
  /** "baseline", "layer_i", or with its mean "mean_layer_i". */
  ablation: z.string(),
  /** -1 for the baseline. */
  ablated_layer: z.int(),
  /** Difficulty, where the data state one. */
  level: z.int().nullable(),
  /** Tokens of the response, and whether it ended by itself. */
  new_tokens: z.int(),
  finished: z.boolean(),
  /** Receipt: calls of the layer that were left out. */
  calls_left_out: z.int(),
  /** What the layer adds in place of its own; of the baseline, "zero". */
  replaced_with: z.enum(ABLATIONS),
  /** Norm of the mean, and the hash of the prompts' tokens that it is over; null for "zero". */
  mean_norm: z.number().nullable(),
  mean_over: z.string().nullable(),
  ...GRADE_FIELDS,
});

/** How far an ablation moves the model's expectations. */
export const divergenceRecordSchema = z.strictObject({
  id: z.string(),
  ablated_layer: z.int(),
  replaced_with: z.enum(ABLATIONS),
  /** Positions compared: each of the reference answer's tokens, and what comes after it. */
  positions: z.int(),
  /** Mean divergence of the ablated model's next token from the whole model's, in nats. */
  kl: z.number(),
});

/** How far an ablation moves the model's expectations. */
export type DivergenceRecord = z.infer<typeof divergenceRecordSchema>;

/** One answer. */
export type ReasoningRecord = z.infer<typeof reasoningRecordSchema>;

/** Name of an experiment: "baseline", "layer_i", or "mean_layer_i". */
export function ablationName({ ablated_layer, replaced_with }: AblatedLayer): string {
  if (ablated_layer < 0) return "baseline";
  return `${replaced_with === "zero" ? "" : "mean_"}layer_${ablated_layer}`;
}

/** Identity of an answer, and of a divergence. */
export function reasoningKey({ id, ...ablated }: AblatedLayer & { id: string }): string {
  return `${ablationName(ablated)}/${id}`;
}
