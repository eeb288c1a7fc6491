/**
 * Diversity of the updates: singular value spectra of IN - Base and RL - IN for every weight matrix.
 *
 * @module
 */
import { z } from "zod";
import {
  analyseTriple,
  type AnalysisOptions,
  groupByLayer,
  type WeightAnalysis,
} from "./analysis.ts";
import { mean } from "../statistics/mod.ts";
import {
  anglesSchema,
  type DiversityLayer,
  type DiversityReport,
  type DiversitySummary,
  metricsSchema,
  type SpectrumMetrics,
} from "./diversity_report.ts";
import type { SkippedTensor } from "./report.ts";
import type { ReadTripleOptions, TripleFolders, TripleParameter, TripleWeights } from "./triple.ts";
import { thirdOf } from "../thirds.ts";

const spectraSchema = z.object({ sft: metricsSchema, rl: metricsSchema, angles: anglesSchema });

/** Both phases' spectra of one parameter, and the angles between their leading directions. */
export type ParameterSpectra = z.infer<typeof spectraSchema>;

/** What a worker is given. */
export interface DiversityTask {
  parameter: TripleParameter;
  topk: number;
}

/** Options of {@linkcode computeDiversity}. */
export interface DiversityOptions extends ReadTripleOptions {
  /** How many singular values to keep, and to sum into the log volume; default 50. */
  topk?: number;
  /** Keep parameters whose name contains this, e.g. "down_proj". */
  weightFilter?: string;
}

const DEFAULT_TOPK = 50;

/** Bytes of memory that a task takes beside its delta, in f64 matrices of the smaller side. */
const SQUARES = 4.5;

/** Bytes of memory that the spectrum of one parameter takes at most. */
function taskMemory({ shape }: TripleParameter): number {
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  const side = Math.min(shape[0], elements / shape[0]);
  return 4 * elements + 8 * side * Math.max(side, 4096) * SQUARES;
}

function maxWorkers(parameters: readonly TripleParameter[]): number {
  const largest = Math.max(0, ...parameters.map(taskMemory));
  return Math.max(1, Math.floor(0.7 * Deno.systemMemoryInfo().available / largest));
}

function selectMatrices(
  triple: TripleWeights,
  { topk = DEFAULT_TOPK, weightFilter }: DiversityOptions,
) {
  if (!Number.isInteger(topk) || topk < 1) {
    throw new RangeError(`Cannot keep the top ${topk} singular values: give a whole number from 1`);
  }
  const skipped: SkippedTensor[] = [...triple.skipped];
  const selected: TripleParameter[] = [];
  for (const parameter of triple.parameters) {
    const { name, shape } = parameter;
    if (shape.length < 2) skipped.push({ param_name: name, reason: "not a matrix (1-D)" });
    else if (weightFilter && !name.includes(weightFilter)) {
      skipped.push({ param_name: name, reason: `not ${weightFilter} (--weight-filter)` });
    } else selected.push(parameter);
  }
  if (selected.length === 0) {
    throw new Error(
      `Cannot compute spectra: no weight matrix of ${triple.folders.base} has ` +
        `${JSON.stringify(weightFilter)} in its name (--weight-filter)`,
    );
  }
  return { parameters: selected, skipped };
}

function phaseMeans(entries: DiversityLayer[], phase: "sft" | "rl") {
  const meanOf = (metric: (metrics: SpectrumMetrics) => number) =>
    mean(entries.map((entry) => metric(entry[phase])));
  return {
    spectral_norm_mean: meanOf((metrics) => metrics.spectral_norm),
    stable_rank_mean: meanOf((metrics) => metrics.stable_rank),
    effective_rank_mean: meanOf((metrics) => metrics.effective_rank),
    log_volume_mean: meanOf((metrics) => metrics.log_volume),
  };
}

/** Means over the parameters of each layer index, ascending. */
function summariseDiversity(layers: DiversityLayer[]): DiversitySummary[] {
  return groupByLayer(layers).map(([layer_idx, entries]) => ({
    layer_idx,
    section: entries[0].section,
    region: entries[0].region,
    n_params: entries.length,
    sft: phaseMeans(entries, "sft"),
    rl: phaseMeans(entries, "rl"),
  }));
}

/** Spectra of the updates as an analysis; {@linkcode computeDiversity} says what it measures. */
export const DIVERSITY_ANALYSIS: WeightAnalysis<
  DiversityOptions,
  ParameterSpectra,
  DiversityReport
> = {
  label: "diversity",
  worker: new URL("./diversity_worker.ts", import.meta.url),
  result: spectraSchema,
  select: selectMatrices,
  task: (parameter, { topk = DEFAULT_TOPK }): DiversityTask => ({ parameter, topk }),
  maxWorkers,
  report: ({ triple, parameters, skipped }, results, { options, modelNames }) => {
    const llmIndices = triple.parameters
      .filter(({ section }) => section === "LLM Backbone").map(({ layerIdx }) => layerIdx);
    const numLlmLayers = Math.max(0, ...llmIndices);
    const layers = parameters.map(({ name, layerIdx, section, component }): DiversityLayer => ({
      param_name: name,
      layer_idx: layerIdx,
      section,
      component,
      region: section === "LLM Backbone" ? thirdOf(layerIdx - 1, numLlmLayers) : null,
      ...results.get(name)!,
    }));
    const { base, sft, rl } = modelNames;
    return {
      metadata: {
        base_model: base,
        sft_model: sft,
        rl_model: rl,
        weight_filter: options.weightFilter ?? null,
        topk: options.topk ?? DEFAULT_TOPK,
        num_llm_layers: numLlmLayers,
      },
      layers,
      summary: summariseDiversity(layers),
      skipped: [...skipped],
      ...(triple.notes.length > 0 && { notes: triple.notes }),
    };
  },
};

/**
 * All singular values of each weight's update in both phases, and what is read off them (paper,
 * "Update Characterization"; metrics: `spectrumMetrics`).
 *
 * Parameters of more than two dimensions are flattened from dimension 1. Nothing is left out for
 * its size (the original skips matrices of more than 1e8 elements). Each result carries the absolute
 * error floor of its singular values and the self-check |sum sigma^2 - ||A||_F^2| / ||A||_F^2.
 *
 * @param folders Checkpoint folders of Base, IN (`sft`) and RL.
 * @returns The report, in the original's layout; parameters in the model's order.
 * @throws {Error} if a checkpoint is damaged, the three do not match, a weight is not finite, or
 * the filter matches nothing.
 *
 * @example
 * ```ts
 * const folder = "dataset/tiny/checkpoints";
 * const report = await computeDiversity({
 *   base: `${folder}/base`,
 *   sft: `${folder}/in`,
 *   rl: `${folder}/rl`,
 * }, { weightFilter: "layers.11.mlp.down_proj" });
 * console.log(report.layers[0].rl.stable_rank);
 * ```
 */
export async function computeDiversity(
  folders: TripleFolders,
  options: AnalysisOptions<DiversityOptions> = {},
): Promise<DiversityReport> {
  return await analyseTriple(DIVERSITY_ANALYSIS, folders, options);
}
