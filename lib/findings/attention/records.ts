/**
 * What the attention shift records: each model's text, and the attention under it.
 *
 * @module
 */
import { z } from "zod";

/** The models compared. */
export const MODEL_ROLES = ["Base", "IN", "RL"] as const;
/** One of the models. */
export type ModelRole = typeof MODEL_ROLES[number];

/**
 * Whose text the attention is measured under: the model's own, one that all models read, and, of IN
 * and RL, one by the other of these two.
 */
export const TEXTS = ["own", "fixed", "second"] as const;
/** Who writes the second text: of IN and RL the one that does not write the fixed one. */
export function secondWriter(fixedText: ModelRole): ModelRole {
  return fixedText === "RL" ? "IN" : "RL";
}

/** What a model generated, greedily. */
export const generationRecordSchema = z.strictObject({
  model: z.enum(MODEL_ROLES),
  id: z.string(),
  question: z.string(),
  tokens: z.array(z.int()),
  full_response: z.string(),
  finished: z.boolean(),
});

/** What a model generated, greedily. */
export type GenerationRecord = z.infer<typeof generationRecordSchema>;

/** [layers, heads, targets] row-major; null where the span has no token. */
const mass = z.array(z.number()).nullable();

/** Mean attention mass of one model on one sample, under one text. */
export const attentionRecordSchema = z.strictObject({
  model: z.enum(MODEL_ROLES),
  text: z.enum(TEXTS),
  id: z.string(),
  layers: z.int(),
  heads: z.int(),
  /** Tokens of each span. */
  tokens: z.strictObject({ generated: z.int(), think: z.int(), answer: z.int() }),
  /** Mass from the span's tokens to visual, question and system tokens. */
  generated: mass,
  think: mass,
  answer: mass,
});

/** Mean attention mass of one model on one sample, under one text. */
export type AttentionRecord = z.infer<typeof attentionRecordSchema>;

/** Identity of a generation. */
export function generationKey({ model, id }: Pick<GenerationRecord, "model" | "id">): string {
  return `${model}/${id}`;
}

/** Identity of an attention record. */
export function attentionKey(
  { model, text, id }: Pick<AttentionRecord, "model" | "text" | "id">,
): string {
  return `${model}/${text}/${id}`;
}
