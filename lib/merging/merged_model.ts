/**
 * From a merge plan to a model that runs, without writing a weight.
 *
 * @module
 */
import { listText } from "../list_text.ts";
import {
  addNoise,
  interpolateLayers,
  type LayerPart,
  mapLayers,
  type ModelPlan,
  spliceLayers,
} from "../model/mod.ts";
import { type LayerRun, layerRuns, type MergePlan } from "./merge_plan.ts";

/** Models by the names that a plan gives them. */
export type MergeModels = ReadonlyMap<string, ModelPlan>;

function modelOf(models: MergeModels, name: string): ModelPlan {
  const model = models.get(name);
  if (!model) {
    throw new Error(
      `Cannot merge: no model was given for ${name} (given are ${
        listText(models.keys()) || "none"
      })`,
    );
  }
  return model;
}

/** Replaces one part of layers by the donor's: the far end of an interpolation, exactly. */
function replacePart(
  merged: ModelPlan,
  donor: ModelPlan,
  { layers, part }: { layers: number[]; part: LayerPart },
): ModelPlan {
  if (part === "all") return spliceLayers(merged, donor, { layers });
  return mapLayers(merged, { layers, part }, (_, key, layer) => donor.layers[layer][key]);
}

async function applyRun(
  merged: ModelPlan,
  { first, last, step }: LayerRun,
  { rest, models, signal }: { rest: string; models: MergeModels; signal?: AbortSignal },
): Promise<ModelPlan> {
  const layers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  switch (step.op) {
    case "take":
      return step.model === rest
        ? merged
        : spliceLayers(merged, modelOf(models, step.model), { layers });
    case "noise":
      return step.ratio === 0
        ? merged
        : await addNoise(merged, { layers, amount: step.ratio, seed: step.seed, signal });
    case "interpolate": {
      const { donor, alpha, component: part } = step;
      if (donor === rest || alpha === 0) return merged;
      const other = modelOf(models, donor);
      return alpha === 1
        ? replacePart(merged, other, { layers, part })
        : interpolateLayers(merged, other, { layers, alpha, part });
    }
  }
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
