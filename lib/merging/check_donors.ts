/**
 * Whether models can be merged: same layers, same shapes, same arithmetic around them.
 *
 * @module
 */
import { type Checkpoint, layerOfTensor, LAYERS, type TensorInfo } from "../checkpoint/mod.ts";
import { listText, valueText } from "../list_text.ts";
import { given, type MergePlan } from "./merge_plan.ts";

/** Open checkpoints by the names that a plan gives its models. */
export type MergeCheckpoints = ReadonlyMap<string, Checkpoint>;

/** How a donor's decoder layers differ from the first model's, short of what forbids a merge. */
export interface DonorReport {
  model: string;
  /** Layer tensors that both have. */
  shared: number;
  /** Names of layer tensors that only the first model has; they stay as they are in it. */
  onlyInFirst: string[];
  /** Names of layer tensors that only the donor has; the merge leaves them out. */
  onlyInDonor: string[];
  /** Names of shared layer tensors whose element types differ. */
  otherDtype: string[];
  /** Fields of config.json that change how a layer computes and differ; the first model's hold. */
  otherConfig: string[];
}

/** Fields that shapes do not show but without which a layer's tensors mean something else. */
const MUST_AGREE = ["num_attention_heads", "num_key_value_heads", "head_dim"] as const;
const SHOULD_AGREE = ["rms_norm_eps", "rope_theta", "hidden_act"] as const;

export function checkpointOf(checkpoints: MergeCheckpoints, model: string): Checkpoint {
  return given(checkpoints, model, "checkpoint");
}

function layerTensors({ tensors, folder }: Checkpoint, model: string): Map<string, TensorInfo> {
  const found = new Map([...tensors].filter(([name]) => layerOfTensor(name) !== null));
  if (found.size > 0) return found;
  throw new Error(
    `Cannot merge ${model}: ${folder} has no tensor of a decoder layer (${LAYERS}N.)`,
  );
}

function compareConfig(first: Checkpoint, donor: Checkpoint, fields: readonly string[]): string[] {
  const [ours, theirs] = [first.config.text, donor.config.text];
  // Of a family that is not known, files may leave fields out; only what both have can differ.
  return fields
    .filter((field) => field in ours && field in theirs && ours[field] !== theirs[field])
    .map((field) => `${field} ${valueText(ours[field])} and ${valueText(theirs[field])}`);
}

interface Parent {
  model: string;
  checkpoint: Checkpoint;
  /** Of its decoder layers. */
  tensors: Map<string, TensorInfo>;
}

function checkDonor(first: Parent, donor: Parent): DonorReport {
  const refuse = (why: string): never => {
    throw new Error(`Cannot merge ${first.model} with ${donor.model}: ${why}`);
  };
  const config = compareConfig(first.checkpoint, donor.checkpoint, MUST_AGREE);
  if (config.length > 0) refuse(`config.json says ${listText(config, "; ")}`);
  const shared = [...first.tensors].flatMap(([name, ours]) => {
    const theirs = donor.tensors.get(name);
    return theirs ? [{ name, ours, theirs }] : [];
  });
  const otherShape = shared
    .filter(({ ours, theirs }) => ours.shape.join() !== theirs.shape.join())
    .map(({ name, ours, theirs }) =>
      `${name} is [${ours.shape.join(", ")}] and [${theirs.shape.join(", ")}]`
    );
  if (otherShape.length > 0) {
    refuse(
      `${otherShape.length} of ${shared.length} layer tensors have other shapes: ` +
        listText(otherShape, "; "),
    );
  }
  return {
    model: donor.model,
    shared: shared.length,
    onlyInFirst: [...first.tensors.keys()].filter((name) => !donor.tensors.has(name)),
    onlyInDonor: [...donor.tensors.keys()].filter((name) => !first.tensors.has(name)),
    otherDtype: shared.filter(({ ours, theirs }) => ours.dtype !== theirs.dtype)
      .map(({ name }) => name),
    otherConfig: compareConfig(first.checkpoint, donor.checkpoint, SHOULD_AGREE),
  };
}

/**
 * Checks that a plan's models can be merged: each has the plan's number of decoder layers, heads of
 * the same number and size, and layer tensors of the same shapes. Everything outside of the decoder
 * layers may differ, since it comes from the first model alone.
 *
 * @returns For each donor after the first, what differs and is harmless or worth saying.
 * @throws {Error} naming the models, the tensors and their shapes, or the fields of config.json.
 */
export function checkDonors(plan: MergePlan, checkpoints: MergeCheckpoints): DonorReport[] {
  const [first, ...donors] = plan.models.map((model) => {
    const checkpoint = checkpointOf(checkpoints, model);
    const { numLlmLayers } = checkpoint.config;
    if (numLlmLayers !== plan.layers.length) {
      throw new Error(
        `Cannot merge: ${model} (${checkpoint.folder}) has ${numLlmLayers} decoder layers, the ` +
          `plan ${plan.layers.length}; only models with the same number can be merged`,
      );
    }
    return { model, checkpoint, tensors: layerTensors(checkpoint, model) };
  });
  return donors.map((donor) => checkDonor(first, donor));
}
