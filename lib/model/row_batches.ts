/**
 * Cuts the rows of a sweep into batches that fit into memory.
 *
 * @module
 */
import { promptRoom } from "./kv_cache.ts";
import type { ModelInput } from "./model_input.ts";
import type { QwenTextConfig } from "./qwen_config.ts";

/** What planning needs to know of a row. */
export interface PlannedCost {
  /** Its prompt; rows with the same input object share K and V in the layers before `touch`. */
  input: ModelInput;
  /** First layer in which the row differs from the unmodified model; the layer count if in none. */
  touch: number;
}

/** Bounds of a batch. */
export interface BatchLimits {
  config: QwenTextConfig;
  /** Tokens that a row generates at most. */
  maxNewTokens: number;
  /** Bytes that K, V and hidden states of a batch may take; default 2 GiB. */
  memoryBytes?: number;
  /** Most rows of a batch; default {@linkcode BATCH_ROWS}. */
  maxRows?: number;
  /** Bytes that a prompt brings along, e.g. K and V of its source image; default none. */
  promptBytes?: (input: ModelInput) => number;
}

/**
 * Default rows of a batch. Measured on the tiny model: 832 rows of a reasoning sweep take 23 s in
 * batches of 52, 14 s in batches of 416 and 12 s in one; a vision sweep, which is mostly prefill,
 * takes the same from 208 rows on.
 */
export const BATCH_ROWS = 832;

/** Bytes that K, V and hidden states of rows take at most, and what their prompts bring along. */
function bytesOf(
  rows: readonly PlannedCost[],
  { config, maxNewTokens, promptBytes = () => 0 }: BatchLimits,
): number {
  const { numLayers, numKvHeads, headDim, hiddenSize } = config;
  const inputs = [...new Set(rows.map(({ input }) => input))];
  const longest = promptRoom(Math.max(...inputs.map(({ ids }) => ids.length)));
  // Layers in which rows hold a prompt of their own, over all rows.
  const rowLayers = rows.reduce((sum, { touch }) => sum + numLayers - touch, 0);
  const prompts = longest * (rowLayers + inputs.length * numLayers);
  const cache = 2 * numKvHeads * headDim * 4 * (prompts + rows.length * numLayers * maxNewTokens);
  const hidden = 4 * hiddenSize * longest * (rows.length + inputs.length);
  return cache + hidden + inputs.reduce((sum, input) => sum + promptBytes(input), 0);
}

/**
 * Cuts rows into batches, in order. Rows of one prompt stay together where they fit, since they
 * share its prefill; a row that alone is above the bound is a batch of its own.
 *
 * @param rows Rows; those of one prompt next to each other.
 * @returns Batches that together are `rows`, the same for the same rows and limits.
 */
export function planBatches<R extends PlannedCost>(
  rows: readonly R[],
  limits: BatchLimits,
): R[][] {
  const { memoryBytes = 2 ** 31, maxRows = BATCH_ROWS } = limits;
  const batches: R[][] = [[]];
  /** Adds rows that stay together to the last batch, or to a new one; false if that takes too much. */
  const add = (more: readonly R[]) => {
    const fits = (rows: readonly R[]) =>
      rows.length <= maxRows && bytesOf(rows, limits) <= memoryBytes;
    const longer = [...batches.at(-1)!, ...more];
    if (fits(longer)) batches[batches.length - 1] = longer;
    else if (more.length === 1 || fits(more)) batches.push([...more]);
    else return false;
    return true;
  };
  for (const own of Map.groupBy(rows, ({ input }) => input).values()) {
    if (!add(own)) own.forEach((row) => add([row]));
  }
  return batches.filter((rows) => rows.length > 0);
}
