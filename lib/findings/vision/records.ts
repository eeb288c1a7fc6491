/**
 * What vision localization records of each swap, in the original's field names, and of each pair's
 * control.
 *
 * @module
 */
import { z } from "zod";

/** One swap. The first eight fields are the original's. */
export const visionRecordSchema = z.strictObject({
  task: z.string(),
  sample_id: z.string(),
  /** First layer of the swap, 0-based. */
  layer: z.int(),
  /** The model's answer about the target image. */
  original_answer: z.string(),
  /** Its answer with the source's visual tokens from `layer` on. */
  swapped_answer: z.string(),
  answer_changed: z.boolean(),
  /** What is right for the target image. */
  target_answer: z.string(),
  /** What is right for the source image. */
  source_answer: z.string(),
  /** Whether the swapped answer is right for the source image. */
  is_source_answer: z.boolean(),
  /** Receipt: layers and visual tokens that were replaced, norm of the change to K and V. */
  layers_swapped: z.int(),
  tokens_swapped: z.int(),
  swap_norm: z.number(),
});

/** One swap. */
export type VisionRecord = z.infer<typeof visionRecordSchema>;

/** One pair without a swap, and with its own tokens swapped in everywhere. */
export const controlRecordSchema = z.strictObject({
  task: z.string(),
  sample_id: z.string(),
  original_answer: z.string(),
  /** The answer with the target's own visual tokens swapped in from layer 0 on. */
  control_answer: z.string(),
  answer_changed: z.boolean(),
  target_answer: z.string(),
  /** Whether the unswapped answer is right for the target image. */
  correct: z.boolean(),
  layers_swapped: z.int(),
  tokens_swapped: z.int(),
  swap_norm: z.number(),
});

/** One pair's baseline and control. */
export type ControlRecord = z.infer<typeof controlRecordSchema>;

/** Which image of a pair is asked about: the target, or the source. */
export const DIRECTIONS = ["forward", "backward"] as const;

/** Logit differences of one pair in one direction. */
export const logitRecordSchema = z.strictObject({
  task: z.string(),
  sample_id: z.string(),
  direction: z.enum(DIRECTIONS),
  /** What is right for the image that is asked about, and for the one that is swapped in. */
  own_answer: z.string(),
  other_answer: z.string(),
  /** Logit of the other answer less the own one's, unswapped; null where they do not differ. */
  baseline: z.number().nullable(),
  /** The same with the other image swapped in from each layer on, and in a window from it. */
  from: z.array(z.number()),
  windows: z.array(z.number()),
});

/** Logit differences of one pair in one direction. */
export type LogitRecord = z.infer<typeof logitRecordSchema>;

/** Identity of a pair's logit differences. */
export function logitKey(
  record: Pick<LogitRecord, "task" | "sample_id" | "direction">,
): string {
  return `${recordedPair(record)}/${record.direction}`;
}

/** Identity of a pair. */
export function pairKey({ task, id }: { task: string; id: string }): string {
  return `${task}/${id}`;
}

/** Identity of a record's pair. */
export function recordedPair(
  { task, sample_id }: Pick<ControlRecord, "task" | "sample_id">,
): string {
  return pairKey({ task, id: sample_id });
}

/** Identity of a swap. */
export function visionKey(record: VisionRecord): string {
  return `${recordedPair(record)}/${record.layer}`;
}
