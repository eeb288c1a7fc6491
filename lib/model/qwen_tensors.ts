/**
 * The tensors that a Qwen2.5-VL checkpoint must have, by its config.
 *
 * @module
 */
import type { Checkpoint } from "../checkpoint/mod.ts";
import type { QwenConfig, QwenVisionConfig } from "./qwen_config.ts";

/** Shapes by canonical tensor name. */
export type ExpectedTensors = ReadonlyMap<string, readonly number[]>;

/** Tensors of the vision encoder. */
export function expectedVisionTensors(vision: QwenVisionConfig): ExpectedTensors {
  const { depth, hiddenSize, intermediateSize, outHiddenSize, patchSize } = vision;
  const merged = hiddenSize * vision.spatialMergeSize ** 2;
  const tensors = new Map<string, readonly number[]>();
  const linear = (name: string, out: number, width: number) => {
    tensors.set(`visual.${name}.weight`, [out, width]);
    tensors.set(`visual.${name}.bias`, [out]);
  };
  tensors.set("visual.patch_embed.proj.weight", [
    hiddenSize,
    3,
    vision.temporalPatchSize,
    patchSize,
    patchSize,
  ]);
  for (let block = 0; block < depth; block++) {
    const at = `blocks.${block}`;
    tensors.set(`visual.${at}.norm1.weight`, [hiddenSize]);
    tensors.set(`visual.${at}.norm2.weight`, [hiddenSize]);
    linear(`${at}.attn.qkv`, 3 * hiddenSize, hiddenSize);
    linear(`${at}.attn.proj`, hiddenSize, hiddenSize);
    linear(`${at}.mlp.gate_proj`, intermediateSize, hiddenSize);
    linear(`${at}.mlp.up_proj`, intermediateSize, hiddenSize);
    linear(`${at}.mlp.down_proj`, hiddenSize, intermediateSize);
  }
  tensors.set("visual.merger.ln_q.weight", [hiddenSize]);
  linear("merger.mlp.0", merged, merged);
  linear("merger.mlp.2", outHiddenSize, merged);
  return tensors;
}

/**
 * All tensors of a checkpoint, vision encoder and language model.
 *
 * @param config As `readQwenConfig` gives it.
 */
export function expectedQwenTensors({ text, vision }: QwenConfig): ExpectedTensors {
  const { hiddenSize, intermediateSize, headDim, numHeads, numKvHeads, vocabSize } = text;
  const [queries, keys] = [numHeads * headDim, numKvHeads * headDim];
  const tensors = new Map(expectedVisionTensors(vision));
  tensors.set("model.embed_tokens.weight", [vocabSize, hiddenSize]);
  for (let layer = 0; layer < text.numLayers; layer++) {
    const at = `model.layers.${layer}`;
    tensors.set(`${at}.input_layernorm.weight`, [hiddenSize]);
    tensors.set(`${at}.post_attention_layernorm.weight`, [hiddenSize]);
    for (const [name, out] of [["q", queries], ["k", keys], ["v", keys]] as const) {
      tensors.set(`${at}.self_attn.${name}_proj.weight`, [out, hiddenSize]);
      tensors.set(`${at}.self_attn.${name}_proj.bias`, [out]);
    }
    tensors.set(`${at}.self_attn.o_proj.weight`, [hiddenSize, queries]);
    tensors.set(`${at}.mlp.gate_proj.weight`, [intermediateSize, hiddenSize]);
    tensors.set(`${at}.mlp.up_proj.weight`, [intermediateSize, hiddenSize]);
    tensors.set(`${at}.mlp.down_proj.weight`, [hiddenSize, intermediateSize]);
  }
  tensors.set("model.norm.weight", [hiddenSize]);
  if (!text.tieWordEmbeddings) tensors.set("lm_head.weight", [vocabSize, hiddenSize]);
  return tensors;
}

/**
 * Checks that a checkpoint has tensors of the shapes expected. Further tensors do no harm.
 *
 * @throws {Error} naming every tensor that is missing or of another shape.
 */
export function checkQwenTensors(checkpoint: Checkpoint, expected: ExpectedTensors): void {
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const [name, shape] of expected) {
    const tensor = checkpoint.tensors.get(name);
    if (!tensor) missing.push(name);
    else if (tensor.shape.join() !== shape.join()) {
      wrong.push(`${name} is [${tensor.shape.join(", ")}], not [${shape.join(", ")}]`);
    }
  }
  const problems: string[] = [];
  if (missing.length > 0) problems.push(`${missing.length} missing: ${missing.join(", ")}`);
  if (wrong.length > 0) {
    problems.push(`${wrong.length} of another shape than config.json says: ${wrong.join("; ")}`);
  }
  if (problems.length > 0) {
    throw new Error(
      `Cannot use the checkpoint ${checkpoint.folder}: of its tensors, ${problems.join(". ")}`,
    );
  }
}
