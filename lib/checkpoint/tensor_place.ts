/**
 * Where a tensor belongs: unified layer index, section, component and region, by its name, as the
 * original's weight analyses place it.
 *
 * @module
 */

/** Part of the model. */
export type Section = "Vision Encoder" | "Projector" | "LLM Backbone";
export type Component = "Attention" | "MLP" | "Other";

/** A tensor's place in the model. */
export interface TensorPlace {
  /** Vision block i of D: i - D. Projector: 0. LLM layer i: i + 1. */
  layerIdx: number;
  section: Section;
  component: Component;
}

/** Prefixes of canonical names: the vision encoder, its blocks, the decoder layers. */
export const VISION = "visual.";
export const BLOCKS = "visual.blocks.";
export const LAYERS = "model.layers.";

// Checkpoints of families that are not known are placed too, so names are read as the original does.
const VISION_BLOCK = /visual\.(?:blocks|layers)\.(\d+)\./;
const LLM_LAYER = /layers\.(\d+)\./;
const PROJECTOR = ["merger", "mm_projector", "visual.projector", "inc_projector"];
const ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj", "attn", "qkv"];
const MLP = ["gate_proj", "up_proj", "down_proj", "mlp"];

/**
 * One name for a tensor of either generation: `model.language_model.layers.0...` (newer library
 * versions) becomes `model.layers.0...`, `model.visual...` becomes `visual...`.
 */
export function canonicalName(name: string): string {
  return name.replace(/^model\.language_model\./, "model.").replace(/^model\.visual\./, "visual.");
}

function componentOf(name: string): Component {
  if (ATTENTION.some((part) => name.includes(part))) return "Attention";
  if (MLP.some((part) => name.includes(part))) return "MLP";
  return "Other";
}

/**
 * Places a tensor by its name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const place = placeTensor("model.layers.3.mlp.up_proj.weight", 32);
 * assertEquals(place, { layerIdx: 4, section: "LLM Backbone", component: "MLP" });
 * ```
 *
 * @param name Tensor name of either generation.
 * @param visionDepth Blocks of the vision encoder (the original assumes 32).
 * @returns Its place, or null for embeddings, head, patch embedding and final norm.
 */
export function placeTensor(name: string, visionDepth: number): TensorPlace | null {
  const component = componentOf(name);
  const block = VISION_BLOCK.exec(name);
  if (block) {
    return { layerIdx: Number(block[1]) - visionDepth, section: "Vision Encoder", component };
  }
  if (PROJECTOR.some((part) => name.includes(part))) {
    return { layerIdx: 0, section: "Projector", component };
  }
  const layer = LLM_LAYER.exec(name);
  if (layer) return { layerIdx: Number(layer[1]) + 1, section: "LLM Backbone", component };
  return null;
}

/** Indices of the vision blocks and of the LLM layers that tensors belong to. */
export function indicesOf(names: Iterable<string>) {
  const indices = { blocks: new Set<number>(), layers: new Set<number>() };
  for (const name of names) {
    const place = placeTensor(name, 0);
    if (place?.section === "Vision Encoder") indices.blocks.add(place.layerIdx);
    else if (place?.section === "LLM Backbone") indices.layers.add(place.layerIdx - 1);
  }
  return indices;
}

/** Decoder layer and the rest of a canonical name; null if it belongs to no decoder layer. */
export function layerOfTensor(name: string): { layer: number; suffix: string } | null {
  const match = /^(\d+)\.(.+)$/.exec(name.startsWith(LAYERS) ? name.slice(LAYERS.length) : "");
  return match && { layer: Number(match[1]), suffix: match[2] };
}

/** Whether the weight analyses keep a tensor: a `weight` that is not a norm's. */
export function isAnalysedWeight(name: string): boolean {
  return name.includes("weight") && !name.toLowerCase().includes("norm");
}
