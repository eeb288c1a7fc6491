/**
 * The energy analysis' JSON, in the original's layout, and its Polars frames.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { z } from "zod";
import { layerFields, parameterFields, phaseRows, reportSchema, weightsFrame } from "./report.ts";

const phaseSchema = z.object({
  fro_norm: z.number(),
  relative_norm: z.number(),
  /** Elements whose bits the update left as they were; ours only. */
  unchanged: z.int().nonnegative().optional(),
});
const phaseSummarySchema = z.object({
  fro_norm_mean: z.number(),
  fro_norm_sum: z.number(),
  relative_norm_mean: z.number(),
});

/** One parameter's update norms in both phases: `sft` is IN - Base, `rl` is RL - IN. */
const layerSchema = z.object({
  ...parameterFields,
  sft: phaseSchema,
  rl: phaseSchema,
  /** How many elements there are; this and what follows are ours only. */
  elements: z.int().positive().optional(),
  /** Inner product of both updates. */
  inner_product: z.number().optional(),
  /** Norm that rounding IN to its file's type gives by itself: sqrt of the sum of step^2 / 12. */
  rounding_norm: z.number().nonnegative().optional(),
});

const summarySchema = z.object({
  ...layerFields,
  sft: phaseSummarySchema,
  rl: phaseSummarySchema,
});

/** The file that `characterisation-energy` writes; the original's, plus `skipped` and `notes`. */
export const energyReportSchema = reportSchema({
  metadata: {},
  layer: layerSchema,
  summary: summarySchema,
});

/** Energy of the two updates of a Base -> IN -> RL triple (paper, "Update Characterization"). */
export type EnergyReport = z.infer<typeof energyReportSchema>;
/** One parameter of an {@linkcode EnergyReport}. */
export type EnergyLayer = z.infer<typeof layerSchema>;
/** One layer index of an {@linkcode EnergyReport}. */
export type EnergySummary = z.infer<typeof summarySchema>;

/**
 * One row per layer index and phase, ordered by layer index, IN before RL.
 *
 * Columns: layer_idx, section, n_params, phase ("IN" | "RL"), fro_norm_mean, fro_norm_sum,
 * relative_norm_mean.
 */
export function energySummaryFrame(report: EnergyReport): pl.DataFrame {
  return weightsFrame(report.summary.flatMap(phaseRows), {
    layer_idx: "int",
    section: "string",
    n_params: "int",
    phase: "string",
    fro_norm_mean: "float",
    fro_norm_sum: "float",
    relative_norm_mean: "float",
  });
}

/**
 * One row per parameter and phase.
 *
 * Columns: param_name, layer_idx, section, component, phase ("IN" | "RL"), fro_norm, relative_norm.
 */
export function energyParameterFrame(report: EnergyReport): pl.DataFrame {
  return weightsFrame(report.layers.flatMap(phaseRows), {
    param_name: "string",
    layer_idx: "int",
    section: "string",
    component: "string",
    phase: "string",
    fro_norm: "float",
    relative_norm: "float",
  });
}
