/**
 * What the two weight analyses' reports share.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { z } from "zod";
import { WEIGHTS_BASIS, withBasis } from "../basis.ts";
import { frameOf } from "../frame.ts";

/** A frame whose rows rest on weights alone. */
export function weightsFrame<C extends string>(
  ...content: Parameters<typeof frameOf<C>>
): pl.DataFrame {
  return withBasis(frameOf(...content), WEIGHTS_BASIS);
}

/** Part of the model a tensor belongs to, as the original's reports call it. */
export const sectionSchema = z.enum(["Vision Encoder", "Projector", "LLM Backbone"]);

/** A tensor that an analysis left out, and why. */
export const skippedTensorSchema = z.object({ param_name: z.string(), reason: z.string() });
/** A tensor that an analysis left out, and why. */
export type SkippedTensor = z.infer<typeof skippedTensorSchema>;
