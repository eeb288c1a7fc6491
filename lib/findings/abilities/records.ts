/**
 * What the transferability experiments record of each answer, in the original's field names.
 *
 * @module
 */
import { z } from "zod";
import { GRADE_FIELDS } from "../../benchmarks/grading/mod.ts";

/** One answer. The fields up to `correct_primary` are the original's. */
export const abilityRecordSchema = z.strictObject({
  id: z.string(),
  input_type: z.string(),
  /** With its choices. */
  question: z.string(),
  gold_answer: z.string(),
  /** The answer as the original reads it out of the response; empty if it was cut off at the deadline. */
  predicted: z.string(),
  /** By the original's rules. */
  correct: z.boolean(),
  full_response: z.string(),
  /** How the model was asked. */
  model_type: z.string(),
  timed_out: z.boolean(),
  /** Seconds. */
  inference_time: z.number(),
  /** Name of the experiment. */
  dataset: z.string(),
  model: z.string(),
  setting: z.string(),
  /** The judge's verdict; null where none was asked or it gave none. */
  correct_gpt: z.boolean().nullable(),
  /** What the judge said. */
  gpt_grade: z.unknown(),
  /** The judge's verdict where there is one, else `correct`. */
  correct_primary: z.boolean(),
  /** Short name of the model. */
  label: z.string(),
  ...GRADE_FIELDS,
  /** Tokens of the response; null where a served model does not say. */
  new_tokens: z.int().nullable(),
  /** Whose description was shown: "dataset", a model's name, or null if none was. */
  description: z.string().nullable(),
  /** Who decided `correct_primary`: "rules", or the judge's model. */
  graded_by: z.string(),
  /** Identifies all that was shown and what is right. */
  question_hash: z.string(),
});

/** One answer. */
export type AbilityRecord = z.infer<typeof abilityRecordSchema>;
