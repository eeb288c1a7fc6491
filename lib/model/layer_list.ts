/**
 * A model as data: an embedding, a list of decoder layers and a head, each pointing at tensors of
 * one checkpoint or of several. Editing the list writes and copies no weight.
 *
 * @module
 */
import type { Edit } from "./edits/types.ts";
import { checkKeys, type KeysOf, showValue } from "../check_keys.ts";
import { type Checkpoint, LAYERS } from "../checkpoint/mod.ts";
import { listText } from "../list_text.ts";
import { didYouMean } from "../nearest_name.ts";
import type { LayerGraphs, LayerWeights } from "./decoder_layer.ts";
import { modelArchitectureOf } from "./architectures/known.ts";
import {
  type GenerationConfig,
  generationConfigOf,
  overrideGeneration,
} from "./generation_config.ts";
import { qwenConfigOf, type QwenTextConfig } from "./qwen_config.ts";
import { tiedHead } from "./tied_head.ts";
import { weightName, weightShape, type WeightSource } from "./weight_source.ts";

export interface ModelPlan {
  /** Gives everything but the layers: tokenizer, vision encoder, embedding, head. */
  checkpoint: Checkpoint;
  config: QwenTextConfig;
  /** The graphs of a layer of its family. */
  graphs: LayerGraphs;
  /** [vocab, hidden]. */
  embedding: WeightSource;
  layers: LayerWeights[];
  /** [hidden], before the head. */
  finalNorm: WeightSource;
  /** [vocab, hidden]; the embedding where the config ties them, see `tiedHead`. */
  head: WeightSource;
  /** What a user should know of the checkpoint: defaults, ignored weights, a head that is not tied. */
  notes: string[];
  /** The token that stands in a prompt for each token of an image. */
  imageTokenId: number;
  /** How answers are decoded: the checkpoint's generation_config.json. */
  generation: GenerationConfig;
  /** What is done to every row of the model, before its own edits. */
  edits?: readonly Edit[];
}

/**
 * The plan of a checkpoint as it is.
 *
 * @param generation Rules of decoding in place of the checkpoint's own.
 * @throws {Error} naming every tensor that is missing or whose shape disagrees with the config.
 */
export function planOf(
  checkpoint: Checkpoint,
  generation?: Partial<GenerationConfig>,
): ModelPlan {
  const config = qwenConfigOf(checkpoint);
  const { data: { tensors }, layer: graphs } = modelArchitectureOf(
    checkpoint.config,
    checkpoint.config.path,
  );
  const layers = Array.from({ length: config.text.numLayers }, (_, layer) =>
    Object.fromEntries(
      Object.entries(tensors.layer).map(([role, [name]]) => [
        role,
        checkpoint.tensor(`${LAYERS}${layer}.${name}`),
      ]),
    ) as LayerWeights);
  const { head, note } = config.text.tieWordEmbeddings
    ? tiedHead(checkpoint, tensors)
    : { head: checkpoint.tensor(tensors.head[0]), note: null };
  return {
    checkpoint,
    config: config.text,
    graphs,
    embedding: checkpoint.tensor(tensors.embedding[0]),
    layers,
    finalNorm: checkpoint.tensor(tensors.finalNorm[0]),
    head,
    notes: [checkpoint.ignored, config.defaults, note].filter((note) => note !== null),
    imageTokenId: config.imageTokenId,
    generation: overrideGeneration(generationConfigOf(checkpoint), generation),
  };
}

/** Throws a RangeError unless every layer is one of the model's. */
export function checkLayers(layers: readonly number[], numLayers: number, what: string): void {
  const bad = layers.filter((layer) => !Number.isInteger(layer) || layer < 0 || layer >= numLayers);
  if (bad.length > 0) {
    throw new RangeError(
      `Cannot ${what} layer ${listText(bad)}: the model has layers 0 to ${numLayers - 1}`,
    );
  }
}

/**
 * {@linkcode checkLayers} of a list that somebody wrote: it must be one, and name a layer.
 *
 * @param field The list's name, for the message.
 */
export function checkLayerList(
  layers: readonly number[],
  numLayers: number,
  { field, what }: { field: string; what: string },
): void {
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new TypeError(
      `Cannot ${what} layers: ${field} is ${showValue(layers)}, not a list of one or more`,
    );
  }
  checkLayers(layers, numLayers, what);
}

/** Checks that both models have the layers, and that these compute alike. */
function checkTwins(
  a: ModelPlan,
  b: ModelPlan,
  { layers, what }: { layers: readonly number[]; what: string },
) {
  if (a.graphs !== b.graphs) {
    throw new Error(`Cannot ${what}: the models' layers compute differently`);
  }
  for (const field of ["hiddenSize", "numHeads", "numKvHeads", "headDim"] as const) {
    if (a.config[field] !== b.config[field]) {
      throw new Error(
        `Cannot ${what}: the models' ${field} differ, ${a.config[field]} and ${b.config[field]}`,
      );
    }
  }
  const count = Math.min(a.layers.length, b.layers.length);
  checkLayerList(layers, count, { field: "layers", what });
}

/**
 * Replaces layers by another model's layers of the same index.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Checkpoint } from "../checkpoint/mod.ts";
 *
 * const [a, b] = ["in", "rl"].map((name) =>
 *   planOf(Checkpoint.open(`dataset/tiny/checkpoints/${name}`))
 * );
 * const spliced = spliceLayers(a, b, { layers: [8, 9, 10, 11] });
 * assertEquals(spliced.layers[8], b.layers[8]);
 * ```
 *
 * @param layers 0-based, of both models.
 * @throws {Error} if a layer is out of range or the models' shapes differ.
 */
export function spliceLayers(
  plan: ModelPlan,
  donor: ModelPlan,
  options: { layers: readonly number[] },
): ModelPlan {
  checkKeys(options, { layers: true }, "the options of a splice");
  const { layers } = options;
  checkTwins(plan, donor, { layers, what: "splice" });
  const chosen = new Set(layers);
  return { ...plan, layers: plan.layers.map((own, i) => chosen.has(i) ? donor.layers[i] : own) };
}

/** Part of a layer that a blend or noise is limited to. */
export type LayerPart = "mlp" | "attn" | "all";

/** Tensors of each part; null for all that a layer has. */
const PARTS: Readonly<Record<LayerPart, ReadonlySet<string> | null>> = {
  mlp: new Set(["gate", "up", "down"]),
  attn: new Set(["q", "k", "v", "qBias", "kBias", "vBias", "o"]),
  all: null,
};

/** Changes the tensors of one part of the chosen layers. */
export function mapLayers(
  plan: ModelPlan,
  { layers, part = "all" }: { layers: readonly number[]; part?: LayerPart },
  change: (weight: WeightSource, key: keyof LayerWeights, layer: number) => WeightSource,
): ModelPlan {
  checkLayerList(layers, plan.layers.length, { field: "layers", what: "change" });
  if (!Object.hasOwn(PARTS, part)) {
    throw new Error(`Cannot change part ${didYouMean(String(part), Object.keys(PARTS))}`);
  }
  const keys = PARTS[part];
  const chosen = new Set(layers);
  return {
    ...plan,
    layers: plan.layers.map((weights, layer) =>
      !chosen.has(layer) ? weights : Object.fromEntries(
        Object.entries(weights).map(([key, weight]) => [
          key,
          keys?.has(key) ?? true ? change(weight, key as keyof LayerWeights, layer) : weight,
        ]),
      ) as unknown as LayerWeights
    ),
  };
}

export interface InterpolateOptions {
  layers: readonly number[];
  /** Share of the other model: w = (1 - alpha) own + alpha other. */
  alpha: number;
  /** Default "all". */
  part?: LayerPart;
}

const INTERPOLATE: KeysOf<InterpolateOptions> = { layers: true, alpha: true, part: true };

/**
 * Blends layers with another model's; the blend is computed when the model is opened (precision
 * f32) or runs (bf16), in f32, and never written.
 *
 * @throws {Error} if a layer is out of range, shapes differ, or a tensor is already blended.
 */
export function interpolateLayers(
  plan: ModelPlan,
  other: ModelPlan,
  options: InterpolateOptions,
): ModelPlan {
  checkKeys(options, INTERPOLATE, "the options of a blend");
  const { layers, alpha, part } = options;
  if (!Number.isFinite(alpha)) throw new RangeError(`Cannot interpolate: alpha is ${alpha}`);
  checkTwins(plan, other, { layers, what: "interpolate" });
  return mapLayers(plan, { layers, part }, (a, key, layer) => {
    const b = other.layers[layer][key];
    if ("a" in a || "a" in b || "values" in a || "values" in b) {
      throw new Error(
        `Cannot interpolate ${weightName(a)} with ${weightName(b)}: only tensors of checkpoints ` +
          "can be blended, not results of a blend or of noise",
      );
    }
    if (weightShape(a).join() !== weightShape(b).join()) {
      throw new Error(
        `Cannot interpolate ${a.name}: shapes [${a.shape.join(", ")}] and ` +
          `[${b.shape.join(", ")}] differ`,
      );
    }
    return { a, b, alpha };
  });
}
