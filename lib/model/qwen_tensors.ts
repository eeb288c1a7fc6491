/**
 * The tensors that a Qwen2.5-VL checkpoint must have, by its config.
 *
 * @module
 */
import { type Checkpoint, describeField } from "../checkpoint/mod.ts";
import { listText } from "../list_text.ts";
import type { QwenConfig, QwenTextConfig, QwenVisionConfig } from "./qwen_config.ts";

/** A dimension of a tensor. */
export interface Dimension {
  size: number;
  /** Fields of config.json that make it, e.g. "vision_config.hidden_size". */
  fields: readonly string[];
}

/** Dimensions by canonical tensor name. */
export type ExpectedTensors = ReadonlyMap<string, readonly Dimension[]>;

function dimension(part: string, size: number, ...keys: string[]): Dimension {
  return { size, fields: keys.map((key) => `${part}.${key}`) };
}

function addVisionTensors(tensors: Map<string, readonly Dimension[]>, vision: QwenVisionConfig) {
  const of = (size: number, ...keys: string[]) => dimension("vision_config", size, ...keys);
  const hidden = of(vision.hiddenSize, "hidden_size");
  const qkv = of(3 * vision.hiddenSize, "hidden_size");
  const inner = of(vision.intermediateSize, "intermediate_size");
  const out = of(vision.outHiddenSize, "out_hidden_size");
  const patch = of(vision.patchSize, "patch_size");
  const merged = of(
    vision.hiddenSize * vision.spatialMergeSize ** 2,
    "spatial_merge_size",
    "hidden_size",
  );
  const linear = (name: string, out: Dimension, width: Dimension) => {
    tensors.set(`visual.${name}.weight`, [out, width]);
    tensors.set(`visual.${name}.bias`, [out]);
  };
  tensors.set("visual.patch_embed.proj.weight", [
    hidden,
    of(3, "in_channels"),
    of(vision.temporalPatchSize, "temporal_patch_size"),
    patch,
    patch,
  ]);
  for (let block = 0; block < vision.depth; block++) {
    const at = `blocks.${block}`;
    tensors.set(`visual.${at}.norm1.weight`, [hidden]);
    tensors.set(`visual.${at}.norm2.weight`, [hidden]);
    linear(`${at}.attn.qkv`, qkv, hidden);
    linear(`${at}.attn.proj`, hidden, hidden);
    linear(`${at}.mlp.gate_proj`, inner, hidden);
    linear(`${at}.mlp.up_proj`, inner, hidden);
    linear(`${at}.mlp.down_proj`, hidden, inner);
  }
  tensors.set("visual.merger.ln_q.weight", [hidden]);
  linear("merger.mlp.0", merged, merged);
  linear("merger.mlp.2", out, merged);
}

function addTextTensors(tensors: Map<string, readonly Dimension[]>, text: QwenTextConfig) {
  const of = (size: number, ...keys: string[]) => dimension("text_config", size, ...keys);
  const vocab = of(text.vocabSize, "vocab_size");
  const hidden = of(text.hiddenSize, "hidden_size");
  const inner = of(text.intermediateSize, "intermediate_size");
  const keys = of(
    text.numKvHeads * text.headDim,
    "num_key_value_heads",
    "num_attention_heads",
    "hidden_size",
  );
  tensors.set("model.embed_tokens.weight", [vocab, hidden]);
  for (let layer = 0; layer < text.numLayers; layer++) {
    const at = `model.layers.${layer}`;
    tensors.set(`${at}.input_layernorm.weight`, [hidden]);
    tensors.set(`${at}.post_attention_layernorm.weight`, [hidden]);
    for (const [name, out] of [["q", hidden], ["k", keys], ["v", keys]] as const) {
      tensors.set(`${at}.self_attn.${name}_proj.weight`, [out, hidden]);
      tensors.set(`${at}.self_attn.${name}_proj.bias`, [out]);
    }
    tensors.set(`${at}.self_attn.o_proj.weight`, [hidden, hidden]);
    tensors.set(`${at}.mlp.gate_proj.weight`, [inner, hidden]);
    tensors.set(`${at}.mlp.up_proj.weight`, [inner, hidden]);
    tensors.set(`${at}.mlp.down_proj.weight`, [hidden, inner]);
  }
  tensors.set("model.norm.weight", [hidden]);
  tensors.set("lm_head.weight", [vocab, hidden]);
}

/**
 * All tensors of a checkpoint, vision encoder and language model.
 *
 * @param config As `readQwenConfig` gives it.
 * @param options.hasHead Whether there is a head of its own, default unless the config ties it.
 */
export function expectedQwenTensors(
  { text, vision }: QwenConfig,
  { hasHead = !text.tieWordEmbeddings } = {},
): ExpectedTensors {
  const tensors = new Map<string, readonly Dimension[]>();
  addVisionTensors(tensors, vision);
  addTextTensors(tensors, text);
  if (!hasHead) tensors.delete("lm_head.weight");
  return tensors;
}

/** Fields and tensors that disagree, one line for all tensors that disagree in the same way. */
function disagreements(checkpoint: Checkpoint, expected: ExpectedTensors): string[] {
  const wrong = new Map<string, { count: number; words: string }>();
  for (const [name, dimensions] of expected) {
    const shape = checkpoint.tensors.get(name)?.shape;
    if (!shape) continue;
    const at = dimensions.findIndex(({ size }, i) => shape[i] !== size);
    if (at < 0 && shape.length === dimensions.length) continue;
    const { size, fields } = dimensions[Math.max(at, 0)];
    const stated = fields.map((field) => describeField(checkpoint.config, field)).join(", ");
    const known = wrong.get(stated);
    if (known) known.count++;
    else {
      const needed = dimensions.map(({ size }) => size).join(", ");
      wrong.set(stated, {
        count: 1,
        words: at < 0
          ? `${name} is [${shape.join(", ")}], not [${needed}]`
          : `${stated} means ${size} for dimension ${at} of ${name}, which is ` +
            `[${shape.join(", ")}], not [${needed}]`,
      });
    }
  }
  return [...wrong.values()].map(({ count, words }) =>
    count === 1 ? words : `${words} (and so for ${count - 1} more)`
  );
}

/**
 * Checks that a checkpoint has tensors of the shapes that its config says. Further tensors do no
 * harm.
 *
 * @throws {Error} naming the tensors that are missing, and the fields of config.json that disagree
 * with tensors.
 */
export function checkQwenTensors(checkpoint: Checkpoint, expected: ExpectedTensors): void {
  const missing = [...expected.keys()].filter((name) => !checkpoint.tensors.has(name));
  const wrong = disagreements(checkpoint, expected);
  const problems: string[] = [];
  if (missing.length > 0) problems.push(`${missing.length} missing: ${listText(missing)}`);
  if (wrong.length > 0) problems.push(`config.json disagrees with them: ${listText(wrong, "; ")}`);
  if (problems.length > 0) {
    throw new Error(
      `Cannot use the checkpoint ${checkpoint.folder}: of its tensors, ${problems.join(". ")}`,
    );
  }
}
