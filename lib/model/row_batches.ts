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

/** Adds rows up until they would not fit any more. */
class Batch<R extends PlannedCost> {
  readonly rows: R[] = [];
  readonly #inputs = new Set<ModelInput>();
  #longest = 0;
  #rowLayers = 0;
  #promptBytes = 0;

  constructor(readonly limits: Required<BatchLimits>) {}

  fits(more: readonly R[]): boolean {
    const { config, maxNewTokens, memoryBytes, maxRows, promptBytes } = this.limits;
    if (this.rows.length + more.length > maxRows) return false;
    const token = 2 * config.numKvHeads * config.headDim * 4;
    const news = new Set(
      more.map(({ input }) => input).filter((input) => !this.#inputs.has(input)),
    );
    const longest = promptRoom(
      Math.max(this.#longest, ...more.map(({ input }) => input.ids.length)),
    );
    const rows = this.rows.length + more.length;
    const prompts = this.#inputs.size + news.size;
    const rowLayers = this.#rowLayers + this.#untilEnd(more);
    const cache = token *
      (longest * (rowLayers + prompts * config.numLayers) + rows * config.numLayers * maxNewTokens);
    const hidden = 4 * config.hiddenSize * longest * (rows + prompts);
    const brought = [...news].reduce((sum, input) => sum + promptBytes(input), this.#promptBytes);
    return cache + hidden + brought <= memoryBytes;
  }

  /** Layers in which rows hold a prompt of their own, over all rows. */
  #untilEnd(rows: readonly R[]): number {
    return rows.reduce((sum, { touch }) => sum + this.limits.config.numLayers - touch, 0);
  }

  add(more: readonly R[]) {
    for (const { input } of more) {
      if (!this.#inputs.has(input)) this.#promptBytes += this.limits.promptBytes(input);
      this.#inputs.add(input);
      this.#longest = Math.max(this.#longest, input.ids.length);
    }
    this.#rowLayers += this.#untilEnd(more);
    this.rows.push(...more);
  }
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
  const full = {
    memoryBytes: 2 ** 31,
    maxRows: BATCH_ROWS,
    promptBytes: () => 0,
    ...limits,
  };
  const batches: Batch<R>[] = [];
  let batch = new Batch<R>(full);
  const close = () => {
    if (batch.rows.length > 0) batches.push(batch);
    batch = new Batch<R>(full);
  };
  for (const own of Map.groupBy(rows, ({ input }) => input).values()) {
    if (!batch.fits(own)) close();
    if (batch.fits(own)) {
      batch.add(own);
      continue;
    }
    for (const row of own) {
      if (!batch.fits([row])) close();
      batch.add([row]);
    }
  }
  close();
  return batches.map(({ rows }) => rows);
}
