/**
 * The head of a model whose config ties it to the embedding.
 *
 * @module
 */
import type { Architecture } from "../checkpoint/architectures/mod.ts";
import { type Checkpoint, type TensorInfo, TensorReader } from "../checkpoint/mod.ts";

/** Elements compared at a time. */
const CHUNK = 1 << 20;

/** Whether two tensors of one shape hold the same values, whatever their element types. */
function sameValues(a: TensorInfo, b: TensorInfo): boolean {
  using reader = new TensorReader();
  const elements = a.shape.reduce((product, dimension) => product * dimension, 1);
  for (let first = 0; first < elements; first += CHUNK) {
    const count = Math.min(CHUNK, elements - first);
    const [ours, theirs] = [a, b].map((tensor) => reader.read(tensor, first, count));
    for (let i = 0; i < count; i++) if (ours[i] !== theirs[i]) return false;
  }
  return true;
}

/**
 * The head of a checkpoint whose config ties it to the embedding: the embedding, unless the files
 * hold an lm_head.weight with other values. transformers 5 does not tie such a head (4.x does).
 *
 * @returns The tensor, and words for a head that is used though the config ties it.
 */
export function tiedHead(
  checkpoint: Checkpoint,
  tensors: Architecture["tensors"],
): { head: TensorInfo; note: string | null } {
  const embedding = checkpoint.tensor(tensors.embedding[0]);
  const stored = checkpoint.tensors.get(tensors.head[0]);
  if (!stored || sameValues(embedding, stored)) return { head: embedding, note: null };
  return {
    head: stored,
    note: `${checkpoint.config.path} ties the head to the embedding, but ${stored.file} holds an ` +
      "lm_head.weight with other values, which is used, as transformers 5 does (4.x ties them)",
  };
}
