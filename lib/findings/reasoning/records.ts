/**
 * What reasoning localization records of each answer, in the original's field names.
 *
 * @module
 */
import { z } from "zod";
import { GRADE_FIELDS } from "../../benchmarks/grading/mod.ts";

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
  /** "baseline", or "layer_i". */
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
  ...GRADE_FIELDS,
});

/** One answer. */
export type ReasoningRecord = z.infer<typeof reasoningRecordSchema>;

/** Name of an experiment: "baseline" for -1, else "layer_i". */
export function ablationName(layer: number): string {
  return layer < 0 ? "baseline" : `layer_${layer}`;
}

/** Identity of an answer. */
export function reasoningKey({ id, ablated_layer }: { id: string; ablated_layer: number }): string {
  return `${ablated_layer}/${id}`;
}
