/**
 * Diversity of the updates: singular value spectra of IN - Base and RL - IN for every weight matrix.
 *
 * @module
 */
import { analyseTriple, type AnalysisOptions, groupByLayer, mean } from "./analysis.ts";
import type {
  DiversityLayer,
  DiversityReport,
  DiversitySummary,
  SpaceAngles,
  SpectrumMetrics,
} from "./diversity_report.ts";
import type { SkippedTensor } from "./report.ts";
import type { Triple, TripleFolders, TripleParameter } from "./triple.ts";
import { thirdOf } from "../thirds.ts";

/** Both phases' spectra of one parameter, and the angles between their leading directions. */
export interface ParameterSpectra {
  sft: SpectrumMetrics;
  rl: SpectrumMetrics;
  angles: SpaceAngles[];
}

/** What a worker is given. */
export interface DiversityTask {
  parameter: TripleParameter;
  topk: number;
}

/** Options of {@linkcode computeDiversity}. */
export interface DiversityOptions extends AnalysisOptions<ParameterSpectra> {
  /** How many singular values to keep, and to sum into the log volume; default 50. */
  topk?: number;
  /** Keep parameters whose name contains this, e.g. "down_proj". */
  weightFilter?: string;
}

/** Bytes of memory that a task takes beside its delta, in f64 matrices of the smaller side. */
const SQUARES = 4.5;

/** Bytes of memory that the spectrum of one parameter takes at most. */
function taskMemory({ shape }: TripleParameter): number {
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  const side = Math.min(shape[0], elements / shape[0]);
  return 4 * elements + 8 * side * Math.max(side, 4096) * SQUARES;
}

function maxWorkers(parameters: TripleParameter[]): number {
  const largest = Math.max(0, ...parameters.map(taskMemory));
  return Math.max(1, Math.floor(0.7 * Deno.systemMemoryInfo().available / largest));
}

function selectMatrices(triple: Triple, weightFilter: string | undefined) {
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
      `Cannot compute spectra: no weight matrix of ${triple.base.folder} has ` +
        `${JSON.stringify(weightFilter)} in its name (--weight-filter)`,
    );
  }
  return { selected, skipped };
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
  options: DiversityOptions = {},
): Promise<DiversityReport> {
  const { topk = 50, weightFilter, workers = navigator.hardwareConcurrency } = options;
  if (!Number.isInteger(topk) || topk < 1) {
    throw new RangeError(`Cannot keep the top ${topk} singular values: give a whole number from 1`);
  }
  let skipped: SkippedTensor[] = [];
  let selected: TripleParameter[] = [];
  const { triple, results } = await analyseTriple<DiversityTask, ParameterSpectra>(folders, {
    label: "diversity",
    worker: new URL("./diversity_worker.ts", import.meta.url),
    task: (parameter) => ({ parameter, topk }),
    select: (opened) => {
      ({ selected, skipped } = selectMatrices(opened, weightFilter));
      return selected;
    },
    maxWorkers,
  }, { ...options, workers });
  const llmIndices = triple.parameters
    .filter(({ section }) => section === "LLM Backbone").map(({ layerIdx }) => layerIdx);
  const numLlmLayers = Math.max(0, ...llmIndices);
  const layers = selected.map(({ name, layerIdx, section, component }): DiversityLayer => ({
    param_name: name,
    layer_idx: layerIdx,
    section,
    component,
    region: section === "LLM Backbone" ? thirdOf(layerIdx - 1, numLlmLayers) : null,
    ...results.get(name)!,
  }));
  const { base, sft, rl } = options.modelNames ?? folders;
  return {
    metadata: {
      base_model: base,
      sft_model: sft,
      rl_model: rl,
      weight_filter: weightFilter ?? null,
      topk,
      num_llm_layers: numLlmLayers,
    },
    layers,
    summary: summariseDiversity(layers),
    skipped,
    ...(triple.notes.length > 0 && { notes: triple.notes }),
  };
}
