/**
 * What can be read out of a row while its prompt is computed.
 *
 * @module
 */
import { checkLayers } from "./layer_list.ts";
import type { ModelInput } from "./model_input.ts";
import type { QwenTextConfig } from "./qwen_config.ts";

/** What to capture; layers default to all. */
export interface CaptureRequest {
  /** Hidden states [T, hidden] at the input of these layers; numLayers means the last's output. */
  hidden?: { layers?: readonly number[] };
  /** K (rotated) and V of the visual tokens, or of a range of tokens. */
  keysValues?: { layers?: readonly number[]; tokens?: { start: number; count: number } };
  /**
   * Attention mass: for each layer and head, the probability that each query position gives to the
   * tokens of each mask. Computed in the graph; no attention matrix leaves it.
   */
  attention?: {
    layers?: readonly number[];
    /** Positions of the queries. */
    queries: readonly number[];
    /** [T] each; a nonzero entry counts the token, weighted by it. */
    masks: readonly ArrayLike<number>[];
  };
}

/** What was captured, by layer; a layer that was zero-ablated has no K, V and mass. */
export interface Captured {
  /** [T, hidden]. */
  hidden: Map<number, Float32Array>;
  /** [tokens, kvHeads * headDim], in the prompt's order. */
  keys: Map<number, Float32Array>;
  /** [tokens, kvHeads * headDim]. */
  values: Map<number, Float32Array>;
  /** [heads, queries, masks]. */
  attention: Map<number, Float32Array>;
}

/** A result with nothing in it. */
export function emptyCapture(): Captured {
  return { hidden: new Map(), keys: new Map(), values: new Map(), attention: new Map() };
}

/** Indices of the prompt's visual tokens, in order. */
export function visualTokenIndices(input: ModelInput): number[] {
  return input.imageTokens.flatMap(({ start, count }) =>
    Array.from({ length: count }, (_, i) => start + i)
  );
}

/** Whether a part of a request wants a layer. */
export function wants(part: { layers?: readonly number[] } | undefined, layer: number): boolean {
  return part !== undefined && (part.layers?.includes(layer) ?? true);
}

/** The tokens whose K and V are wanted. */
export function keyValueTokens(request: CaptureRequest, input: ModelInput): number[] {
  const range = request.keysValues?.tokens;
  if (!range) return visualTokenIndices(input);
  return Array.from({ length: range.count }, (_, i) => range.start + i);
}

/**
 * Checks a request against the model and the prompt.
 *
 * @throws {Error} naming the layer, query or mask at fault.
 */
export function checkCapture(
  request: CaptureRequest,
  input: ModelInput,
  config: QwenTextConfig,
): void {
  const tokens = input.ids.length;
  checkLayers(request.hidden?.layers ?? [], config.numLayers + 1, "capture hidden states of");
  checkLayers(request.keysValues?.layers ?? [], config.numLayers, "capture K and V of");
  if (request.keysValues) {
    const wanted = keyValueTokens(request, input);
    if (wanted.length === 0) {
      throw new Error(
        "Cannot capture K and V: the prompt has no visual tokens, and no range is given",
      );
    }
    if (wanted[0] < 0 || wanted[wanted.length - 1] >= tokens) {
      throw new RangeError(
        `Cannot capture K and V of tokens ${wanted[0]} to ${
          wanted[wanted.length - 1]
        }: the prompt ` +
          `has ${tokens}`,
      );
    }
  }
  const { attention } = request;
  if (!attention) return;
  checkLayers(attention.layers ?? [], config.numLayers, "capture the attention of");
  const bad = attention.queries.find((q) => !Number.isInteger(q) || q < 0 || q >= tokens);
  if (bad !== undefined || attention.queries.length === 0) {
    throw new RangeError(
      `Cannot capture attention from query ${bad}: positions 0 to ${tokens - 1} may be asked for`,
    );
  }
  const wrong = attention.masks.findIndex((mask) => mask.length !== tokens);
  if (attention.masks.length === 0 || wrong >= 0) {
    throw new RangeError(
      `Cannot capture attention: mask ${Math.max(0, wrong)} has ` +
        `${attention.masks[Math.max(0, wrong)]?.length ?? 0} entries, the prompt ${tokens} tokens`,
    );
  }
}
