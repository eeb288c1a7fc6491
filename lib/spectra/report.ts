/**
 * Fields that the two weight analyses' reports share.
 *
 * @module
 */
import { z } from "zod";

/** Part of the model a tensor belongs to, as the original's reports call it. */
export const sectionSchema = z.enum(["Vision Encoder", "Projector", "LLM Backbone"]);

/** A tensor that an analysis left out, and why. */
export const skippedTensorSchema = z.object({ param_name: z.string(), reason: z.string() });
/** A tensor that an analysis left out, and why. */
export type SkippedTensor = z.infer<typeof skippedTensorSchema>;
