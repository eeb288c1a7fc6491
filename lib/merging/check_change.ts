/**
 * A written merge must not be its first model under another name.
 *
 * @module
 */
import { type TensorInfo, TensorReader } from "../checkpoint/mod.ts";
import { checkpointOf, type MergeCheckpoints } from "./check_donors.ts";
import { mergedBytes } from "./merged_bytes.ts";
import { type MergedTensor, mergedTensors } from "./merged_tensors.ts";
import type { MergePlan } from "./merge_plan.ts";

async function differs(
  tensor: MergedTensor,
  own: TensorInfo,
  { reader, signal }: { reader: TensorReader; signal?: AbortSignal },
): Promise<boolean> {
  if (tensor.dtype !== own.dtype || tensor.byteLength !== own.byteLength) return true;
  let at = 0;
  for await (const piece of mergedBytes(tensor, reader, signal)) {
    const bytes = new Uint8Array(piece.length);
    reader.readBytes(own, bytes, at);
    if (piece.some((byte, i) => byte !== bytes[i])) return true;
    at += piece.length;
  }
  return false;
}

/**
 * Checks that a merge is not its first model under another name: looks for a tensor that the merge changes; usually the first one that it looks at is one.
 *
 * @throws {Error} if there is none.
 */
export async function checkChange(
  plan: MergePlan,
  checkpoints: MergeCheckpoints,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  using reader = new TensorReader();
  const own = [...checkpointOf(checkpoints, plan.rest).tensors.values()];
  for (const [i, tensor] of mergedTensors(plan, checkpoints).entries()) {
    const { origin } = tensor;
    if (origin.op === "copy" && origin.model === plan.rest) continue;
    if (await differs(tensor, own[i], { reader, signal })) return;
  }
  throw new Error(
    `Cannot write ${plan.expression}: it changes nothing: every tensor would be as in ` +
      `${plan.rest}; name another donor, another share or other layers`,
  );
}
