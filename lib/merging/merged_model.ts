/**
 * From a merge plan to a model that runs, without writing a weight.
 *
 * @module
 */
import {
  addNoise,
  interpolateLayers,
  mapLayers,
  type ModelPlan,
  spliceLayers,
} from "../model/mod.ts";
import { donationOf, given, type LayerRun, layerRuns, type MergePlan } from "./merge_plan.ts";

/** Models by the names that a plan gives them. */
export type MergeModels = ReadonlyMap<string, ModelPlan>;

const modelOf = (models: MergeModels, name: string) => given(models, name, "model");

async function applyRun(
  merged: ModelPlan,
  { first, last, step }: LayerRun,
  { rest, models, signal }: { rest: string; models: MergeModels; signal?: AbortSignal },
): Promise<ModelPlan> {
  const layers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  if (step.op === "noise") {
    const { ratio: amount, seed } = step;
    return amount === 0 ? merged : await addNoise(merged, { layers, amount, seed, signal });
  }
  const donation = donationOf(step, rest);
  if (!donation) return merged;
  const { alpha, component: part } = donation;
  const donor = modelOf(models, donation.donor);
  if (alpha < 1) return interpolateLayers(merged, donor, { layers, alpha, part });
  return part === "all"
    ? spliceLayers(merged, donor, { layers })
    : mapLayers(merged, { layers, part }, (_, key, layer) => donor.layers[layer][key]);
}

/**
 * Makes the model of a plan out of models that are open already. Nothing is written or copied but
 * layers with noise, which are held in memory as f32. It runs as the checkpoint of `writeMerge`
 * does: identically where layers are taken; where they are computed, that checkpoint's values are
 * rounded to its element type.
 *
 * @param plan From `planMerge`.
 * @param models A `planOf` for each of the plan's models.
 * @throws {Error} if a model is missing or the models do not fit; the signal's reason.
 */
export async function mergedModel(
  plan: MergePlan,
  models: MergeModels,
  { signal }: { signal?: AbortSignal } = {},
): Promise<ModelPlan> {
  const { rest } = plan;
  for (const name of plan.models) {
    const { length } = modelOf(models, name).layers;
    if (length !== plan.layers.length) {
      throw new Error(
        `Cannot merge: ${name} has ${length} decoder layers, the plan ${plan.layers.length}`,
      );
    }
  }
  let merged = modelOf(models, rest);
  for (const run of layerRuns(plan)) merged = await applyRun(merged, run, { rest, models, signal });
  return merged;
}
