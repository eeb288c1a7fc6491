/**
 * What the two weight analyses' reports share.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { z } from "zod";
import { WEIGHTS_BASIS, withBasis } from "../basis.ts";
import { type ColumnType, frameOf } from "../frame.ts";

/** A frame whose rows rest on weights alone. */
export function weightsFrame<C extends string>(
  rows: readonly Partial<Record<NoInfer<C>, string | number | null>>[],
  columns: Readonly<Record<C, ColumnType>>,
): pl.DataFrame {
  return withBasis(frameOf(rows, columns), WEIGHTS_BASIS);
}

/** Both updates, as frames and as reports call them. */
export const PHASES = [["IN", "sft"], ["RL", "rl"]] as const;

/** An entry as two rows: IN before RL, each with what the entry says of both. */
export function phaseRows<S extends object, R extends object, E extends object>(
  { sft, rl, ...entry }: E & { sft: S; rl: R },
) {
  return [{ ...entry, phase: "IN", ...sft }, { ...entry, phase: "RL", ...rl }];
}

/** Part of the model a tensor belongs to, as the original's reports call it. */
const section = z.enum(["Vision Encoder", "Projector", "LLM Backbone"]);
/** Which parameter an entry is of. */
export const parameterFields = {
  param_name: z.string(),
  layer_idx: z.int(),
  section,
  component: z.enum(["Attention", "MLP", "Other"]),
};
/** Which layer index a summary is of, and how many parameters are in it. */
export const layerFields = { layer_idx: z.int(), section, n_params: z.int().positive() };

/** A tensor that an analysis left out, and why. */
const skippedTensorSchema = z.object({ param_name: z.string(), reason: z.string() });
/** A tensor that an analysis left out, and why. */
export type SkippedTensor = z.infer<typeof skippedTensorSchema>;

/** The file that an analysis writes: the original's, plus `skipped` and `notes`. */
export const reportSchema = <
  M extends z.ZodRawShape,
  L extends z.ZodType,
  S extends z.ZodType,
>({ metadata, layer, summary }: { metadata: M; layer: L; summary: S }) =>
  z.object({
    metadata: z.looseObject({
      ...{ base_model: z.string(), sft_model: z.string(), rl_model: z.string() },
      ...metadata,
    }),
    layers: z.array(layer),
    summary: z.array(summary),
    skipped: z.array(skippedTensorSchema).optional(),
    notes: z.array(z.string()).optional(),
  });
