/**
 * What a written merge says of itself, and the proof that it is what it says.
 *
 * @module
 */
import { type Checkpoint, findTensors } from "../checkpoint/mod.ts";
import { listText } from "../list_text.ts";
import type { DonorReport } from "./check_donors.ts";
import type { MergedTensor, TensorOrigin } from "./merged_tensors.ts";
import type { MergePlan } from "./merge_plan.ts";
import type { Shard } from "./shards.ts";

/** Where a model of a merge came from. */
export interface MergeSource {
  /** Folder or hub id. */
  ref: string;
  /** Commit hash on the hub; null for a folder. */
  revision: string | null;
}

/** What merge.json says of a tensor: whose bytes it has, or how it was computed. */
function accountOf({ model: from, ...origin }: TensorOrigin) {
  switch (origin.op) {
    case "copy":
      return { from, not_in: origin.lacking };
    case "interpolate":
      return { from, interpolated_with: origin.donor, alpha: origin.alpha };
    case "noise":
      return { from, noise: origin.ratio, seed: origin.seed };
  }
}

/** The content of merge.json. */
export function accountForMerge(
  { expression, cuts, models, layers }: MergePlan,
  { shards, donors, sources }: {
    shards: readonly Shard<MergedTensor>[];
    donors: readonly DonorReport[];
    sources: Readonly<Record<string, MergeSource>>;
  },
) {
  const leftOut = donors.filter(({ onlyInDonor }) => onlyInDonor.length > 0);
  return {
    expression,
    /** First middle and first late layer. */
    layer_cuts: cuts,
    /** By the names in the expression, the first model first. */
    models: Object.fromEntries(models.map((model) => [model, sources[model]])),
    layers,
    /** Layer tensors of donors that the first model does not have, by donor. */
    left_out: Object.fromEntries(leftOut.map(({ model, onlyInDonor }) => [model, onlyInDonor])),
    /** Every tensor by name. */
    tensors: Object.fromEntries(
      shards.flatMap(({ file, tensors }) =>
        tensors.map(({ name, origin }) => [name, { ...accountOf(origin), file }] as const)
      ),
    ),
  };
}

/**
 * Reads a written merge's headers back and compares them with the first model's.
 *
 * @param folder What was written.
 * @throws {Error} naming the tensors that are missing, extra, or of another shape.
 */
export function proveSameTensors(folder: string, first: Checkpoint): void {
  const written = findTensors(folder);
  const expected = new Map([...first.tensors.values()].map((tensor) => [tensor.name, tensor]));
  const shapeOf = (name: string) => written.get(name)?.shape.join();
  const wrong = [
    ...[...expected.keys()].filter((name) => !written.has(name))
      .map((name) => `${name} is missing`),
    ...[...written.keys()].filter((name) => !expected.has(name)).map((name) => `${name} is extra`),
    ...[...expected].filter(([name, { shape }]) =>
      written.has(name) && shapeOf(name) !== shape.join()
    )
      .map(([name]) => `${name} has another shape`),
  ];
  if (wrong.length > 0) {
    throw new Error(
      `The merge in ${folder} does not have the tensors of ${first.folder}: ${listText(wrong)}`,
    );
  }
}
