/**
 * The accounting of a merge: where every tensor of the result comes from.
 *
 * @module
 */
import { architectureOf } from "../checkpoint/architectures/mod.ts";
import {
  type Component,
  isFloatDtype,
  layerOfTensor,
  placeTensor,
  type TensorInfo,
} from "../checkpoint/mod.ts";
import { checkpointOf, type MergeCheckpoints } from "./check_donors.ts";
import type { MergeComponent } from "./merge_expression.ts";
import type { HeaderTensor } from "./shards.ts";
import { donationOf, type LayerStep, type MergePlan } from "./merge_plan.ts";

/** How a tensor is made. */
export type TensorOrigin =
  /** The bytes of `tensor`. `lacking`: the model that should have given it and does not have it. */
  | { op: "copy"; model: string; tensor: TensorInfo; lacking?: string }
  /** (1 - alpha) tensor + alpha other. */
  | {
    op: "interpolate";
    model: string;
    tensor: TensorInfo;
    donor: string;
    other: TensorInfo;
    alpha: number;
  }
  /** (1 - ratio) w + ratio n std(w); n depends on the seed, the layer and the key alone. */
  | {
    op: "noise";
    model: string;
    tensor: TensorInfo;
    ratio: number;
    seed: number;
    layer: number;
    /** The tensor's role in a running model, whose noise is the same. */
    key: string;
  };

/** A tensor of the result, under the name that the first model's files give it. */
export interface MergedTensor extends HeaderTensor {
  origin: TensorOrigin;
}

/** What a blend is limited to; null for a whole layer. */
const COMPONENTS: Readonly<Record<MergeComponent, Component | null>> = {
  mlp: "MLP",
  attn: "Attention",
  all: null,
};

/** A blend at an end of its range is that parent, bit for bit, as noise of ratio 0 is. */
function originOf(
  step: LayerStep,
  { name, tensor, layer, suffix }: {
    name: string;
    tensor: TensorInfo;
    layer: number;
    suffix: string;
  },
  { rest, checkpoints }: { rest: string; checkpoints: MergeCheckpoints },
): TensorOrigin {
  const own: TensorOrigin = { op: "copy", model: rest, tensor };
  if (step.op === "noise") {
    const { ratio, seed } = step;
    if (ratio === 0) return own;
    const { modelType } = checkpointOf(checkpoints, rest).config;
    const roles = Object.entries(architectureOf(modelType)?.tensors.layer ?? {});
    const key = roles.find(([, [own]]) => own === suffix)?.[0] ?? suffix;
    return { op: "noise", model: rest, tensor, ratio, seed, layer, key };
  }
  const donation = donationOf(step, rest);
  if (!donation) return own;
  const { donor, alpha, component } = donation;
  const limit = COMPONENTS[component];
  if (limit !== null && placeTensor(name, 0)?.component !== limit) return own;
  const other = checkpointOf(checkpoints, donor).tensors.get(name);
  if (!other) return { ...own, lacking: donor };
  if (alpha === 1) return { op: "copy", model: donor, tensor: other };
  return { op: "interpolate", model: rest, tensor, donor, other, alpha };
}

function checkFloats(name: string, { dtype, file }: TensorInfo, expression: string) {
  if (!isFloatDtype(dtype)) {
    throw new Error(
      `Cannot compute ${expression}: ${name}: ${file} holds it as ${dtype}, and only floating point tensors ` +
        "(BF16, F16, F32, F64) can be computed with; merge checkpoints that are not quantised",
    );
  }
}

/**
 * Lists every tensor of a merge, in the order of the first model's: exactly the first model's
 * tensors, under its names. A copied tensor keeps its donor's element type, a computed one has the
 * first model's.
 *
 * @throws {Error} if a tensor that must be computed does not hold floats.
 */
export function mergedTensors(plan: MergePlan, checkpoints: MergeCheckpoints): MergedTensor[] {
  const { rest } = plan;
  return [...checkpointOf(checkpoints, rest).tensors].map(([name, tensor]) => {
    const place = layerOfTensor(name);
    const origin: TensorOrigin = place
      ? originOf(plan.layers[place.layer], { name, tensor, ...place }, { rest, checkpoints })
      : { op: "copy", model: rest, tensor };
    if (origin.op !== "copy") checkFloats(name, origin.tensor, plan.expression);
    if (origin.op === "interpolate") checkFloats(name, origin.other, plan.expression);
    const { dtype, shape, byteLength } = origin.tensor;
    return { name: tensor.name, dtype, shape, byteLength, origin };
  });
}
