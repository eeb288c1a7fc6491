/**
 * Energy of the updates: Frobenius norms of IN - Base and RL - IN for every weight.
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
import type { EnergyLayer, EnergyReport, EnergySummary } from "./energy_report.ts";
import type { ReadTripleOptions, TripleFolders } from "./triple.ts";

const sumsSchema = z.object({
  /** Squares of IN - Base. */
  sft: z.number(),
  /** Squares of RL - IN. */
  rl: z.number(),
  /** Squares of IN. */
  weight: z.number(),
  /** Products of both updates. */
  product: z.number(),
  /** Mean squares of the error of rounding IN to its file's type. */
  rounding: z.number(),
  /** Elements whose bits are those before the update. */
  sft_unchanged: z.int(),
  rl_unchanged: z.int(),
});

/** Sums over one parameter's elements. */
export type ParameterSums = z.infer<typeof sumsSchema>;

/** Keeps the relative norm finite for an all-zero weight, as in the original. */
const TINY = 1e-8;

function phaseMeans(entries: EnergyLayer[], phase: "sft" | "rl") {
  const norms = entries.map((entry) => entry[phase].fro_norm);
  return {
    fro_norm_mean: mean(norms),
    fro_norm_sum: norms.reduce((sum, norm) => sum + norm, 0),
    relative_norm_mean: mean(entries.map((entry) => entry[phase].relative_norm)),
  };
}

/** Means and sums over the parameters of each layer index, ascending. */
function summariseEnergy(layers: EnergyLayer[]): EnergySummary[] {
  return groupByLayer(layers).map(([layer_idx, entries]) => ({
    layer_idx,
    section: entries[0].section,
    n_params: entries.length,
    sft: phaseMeans(entries, "sft"),
    rl: phaseMeans(entries, "rl"),
  }));
}

/** Energy of the updates as an analysis; {@linkcode computeEnergy} says what it measures. */
export const ENERGY_ANALYSIS: WeightAnalysis<ReadTripleOptions, ParameterSums, EnergyReport> = {
  label: "energy",
  worker: new URL("./energy_worker.ts", import.meta.url),
  result: sumsSchema,
  task: (parameter) => parameter,
  report: ({ triple, parameters, skipped }, results, { modelNames: { base, sft, rl } }) => {
    const layers = parameters.map(({ name, layerIdx, section, component, shape }): EnergyLayer => {
      const sums = results.get(name)!;
      const weightNorm = Math.sqrt(sums.weight) + TINY;
      const phase = (squares: number, unchanged: number) => ({
        fro_norm: Math.sqrt(squares),
        relative_norm: Math.sqrt(squares) / weightNorm,
        unchanged,
      });
      return {
        param_name: name,
        layer_idx: layerIdx,
        section,
        component,
        sft: phase(sums.sft, sums.sft_unchanged),
        rl: phase(sums.rl, sums.rl_unchanged),
        elements: shape.reduce((product, dimension) => product * dimension, 1),
        inner_product: sums.product,
        rounding_norm: Math.sqrt(sums.rounding),
      };
    });
    return {
      metadata: { base_model: base, sft_model: sft, rl_model: rl },
      layers,
      summary: summariseEnergy(layers),
      skipped: [...skipped],
      ...(triple.notes.length > 0 && { notes: triple.notes }),
    };
  },
};

/**
 * Frobenius norm of each weight's update in both phases, absolute and relative to the IN weight:
 * ||IN - Base||_F and ||RL - IN||_F, over (||IN||_F + 1e-8) (paper, "Update Characterization").
 *
 * Beside the norms: how many elements each update left as they were, the updates' inner product, and
 * the norm that rounding to the files' type would give by itself (sqrt of the sum of step^2 / 12).
 *
 * Differences are exact (the original subtracts in fp16, which moves values by up to about 5e-4
 * relative); sums are within 1.1e-6 relative of exact arithmetic, norms within half of that. Memory does not grow with the model:
 * tensors are read in blocks.
 *
 * @param folders Checkpoint folders of Base, IN (`sft`) and RL.
 * @returns The report, in the original's layout; parameters in the model's order.
 * @throws {Error} if a checkpoint is damaged, the three do not match, or a weight is not finite.
 *
 * @example
 * ```ts
 * const folder = "dataset/tiny/checkpoints";
 * const report = await computeEnergy({
 *   base: `${folder}/base`,
 *   sft: `${folder}/in`,
 *   rl: `${folder}/rl`,
 * });
 * console.log(report.summary[0]); // { layer_idx: -6, section: "Vision Encoder", ... }
 * ```
 */
export function computeEnergy(
  folders: TripleFolders,
  options: AnalysisOptions<ReadTripleOptions> = {},
): Promise<EnergyReport> {
  return analyseTriple(ENERGY_ANALYSIS, folders, options);
}
