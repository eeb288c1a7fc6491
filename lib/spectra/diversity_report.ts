/**
 * The diversity analysis' JSON, in the original's layout, and its Polars frames.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { z } from "zod";
import { layerFields, parameterFields, phaseRows, reportSchema, weightsFrame } from "./report.ts";
import { THIRDS } from "../thirds.ts";

/** Spectrum metrics of one update matrix; `spectrumMetrics` has the formulas. */
export const metricsSchema = z.object({
  spectral_norm: z.number(),
  nuclear_norm: z.number(),
  fro_norm: z.number(),
  stable_rank: z.number(),
  effective_rank: z.number(),
  condition_number: z.number(),
  log_volume: z.number(),
  singular_values: z.array(z.number()),
  /** Absolute error bound of the singular values; ours only. */
  error_floor: z.number().optional(),
  /** |sum of squared singular values - squared Frobenius norm| over the latter; ours only. */
  sum_of_squares_error: z.number().optional(),
});

const overlapSchema = z.object({
  /** Mean squared cosine of the principal angles, 0 to 1. */
  overlap: z.number(),
  /** Its mean for spaces of random directions: k over the dimension. */
  chance: z.number(),
  /** In degrees. */
  smallest_angle: z.number(),
  largest_angle: z.number(),
});

/** Overlaps of both updates' leading directions; `principalAngles` says which. */
export const anglesSchema = z.array(z.object({
  /** Directions asked for. */
  size: z.int().positive(),
  /** Directions compared: fewer where fewer carry an update. */
  k: z.int().positive(),
  /** Left singular vectors: directions that the updates write. */
  left: overlapSchema,
  /** Right singular vectors: directions that they read. */
  right: overlapSchema,
}));

const regionSchema = z.string().nullable();

const layerSchema = z.object({
  ...parameterFields,
  region: regionSchema,
  sft: metricsSchema,
  rl: metricsSchema,
  /** IN's update beside RL's; ours only. */
  angles: anglesSchema.optional(),
});

const phaseSummarySchema = z.object({
  spectral_norm_mean: z.number(),
  stable_rank_mean: z.number(),
  effective_rank_mean: z.number(),
  log_volume_mean: z.number(),
});

const { n_params, ...place } = layerFields;
const summarySchema = z.object({
  ...place,
  region: regionSchema,
  n_params,
  sft: phaseSummarySchema,
  rl: phaseSummarySchema,
});

/** The file that `characterisation-diversity compute` writes; the original's, plus `skipped` and `notes`. */
export const diversityReportSchema = reportSchema({
  metadata: {
    weight_filter: z.string().nullable().optional(),
    topk: z.int().positive(),
    num_llm_layers: z.int().nonnegative(),
  },
  layer: layerSchema,
  summary: summarySchema,
});

/** Spectra of the two updates of a Base -> IN -> RL triple (paper, "Update Characterization"). */
export type DiversityReport = z.infer<typeof diversityReportSchema>;
/** One parameter of a {@linkcode DiversityReport}. */
export type DiversityLayer = z.infer<typeof layerSchema>;
/** One layer index of a {@linkcode DiversityReport}. */
export type DiversitySummary = z.infer<typeof summarySchema>;
/** The spaces of both updates' leading singular vectors, for one number of these. */
export type SpaceAngles = z.infer<typeof anglesSchema>[number];
/** How near two spaces are to each other. */
export type SpaceOverlap = z.infer<typeof overlapSchema>;
/** Spectrum metrics of one update matrix. */
export type SpectrumMetrics = z.infer<typeof metricsSchema>;

/**
 * One row per layer index and phase, ordered by layer index, IN before RL.
 *
 * Columns: layer_idx, section, region, n_params, phase ("IN" | "RL"), spectral_norm_mean,
 * stable_rank_mean, effective_rank_mean, log_volume_mean.
 */
export function diversitySummaryFrame(report: DiversityReport): pl.DataFrame {
  return weightsFrame(report.summary.flatMap(phaseRows), {
    layer_idx: "int",
    section: "string",
    region: "string",
    n_params: "int",
    phase: "string",
    spectral_norm_mean: "float",
    stable_rank_mean: "float",
    effective_rank_mean: "float",
    log_volume_mean: "float",
  });
}

/**
 * Normalised spectra of the representative early, middle and late LLM layer: one row per region,
 * phase and singular value. The representative is the middle entry of a region's parameters, as
 * in the original.
 *
 * Columns: region, layer_idx, param_name, phase ("IN" | "RL"), rank (from 1), value (sigma / sigma_1,
 * null where the update is zero).
 */
export function representativeSpectraFrame(report: DiversityReport): pl.DataFrame {
  const rows = THIRDS.flatMap((region) => {
    const entries = report.layers.filter((layer) => layer.region === region)
      .sort((a, b) => a.layer_idx - b.layer_idx);
    if (entries.length === 0) return [];
    const entry = entries[Math.floor(entries.length / 2)];
    return phaseRows(entry).flatMap(({ singular_values: values, ...row }) =>
      values.map((value, i) => ({
        ...row,
        region,
        rank: i + 1,
        value: values[0] > 0 ? value / values[0] : null,
      }))
    );
  });
  return weightsFrame(rows, {
    region: "string",
    layer_idx: "int",
    param_name: "string",
    phase: "string",
    rank: "int",
    value: "float",
  });
}
