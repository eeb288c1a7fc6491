/**
 * Attention over the K/V of a batch, whatever device holds them.
 *
 * @module
 */
import type { QwenTextConfig } from "./qwen_config.ts";
import type { PlannedRow } from "./row_plan.ts";
import type { Tensor, View } from "./tensors.ts";

/** q [N, heads * headDim], k and v [N, kvHeads * headDim] of N tokens; q and k rotated. */
export interface Projected {
  q: Tensor;
  k: Tensor;
  v: Tensor;
}

/** Arguments of {@linkcode Attention.attend}: `rows` sequences of equal lengths. */
export interface AttendArguments {
  /** [rows * queries, heads * headDim] */
  q: Tensor;
  /** [rows * keys, kvHeads * headDim]; the last `queries` of a row are the queries' own tokens. */
  k: Tensor;
  v: Tensor;
  rows: number;
  queries: number;
  keys: number;
}

/** K and V of tokens that follow each other, [tokens, kvHeads * headDim] each. */
export interface KeysValues {
  k: View[];
  v: View[];
}

/** The keys and values of a batch while it generates. */
export interface KvCache {
  /** Rows in cache order: as planned, less those dropped. */
  readonly rows: readonly PlannedRow[];
  /** Tokens generated so far whose K and V are held. */
  readonly length: number;
  /**
   * Stores K and V of a prompt's tokens, from token `from` on.
   *
   * @param place A row that has left the shared stream, or a prompt's number for the shared one.
   */
  storePrompt(
    layer: number,
    place: { row: number } | { sample: number },
    part: KeysValues & { from: number },
  ): void;
  /** Ends a layer's prompts, before the tensors they view are freed. */
  finishPrompts(layer: number): Promise<void>;
  /** Starts a new token in every row. */
  advance(): void;
  /**
   * Stores K and V of the newest token of the rows `active` and attends with their queries; the
   * other rows' results are not used.
   *
   * @param projected All rows.
   * @returns [rows, heads * headDim].
   */
  attend(layer: number, projected: Projected, active: readonly number[]): Promise<Tensor>;
  /** Drops all rows but those at these places, ascending. */
  keep(kept: number[]): Promise<void>;
  /** Frees everything. */
  dispose(): void;
}

/** Attention of one head shape on a device. */
export interface Attention extends AsyncDisposable {
  /** Scores that one call holds, over all rows and heads, if it holds more than one prompt's. */
  readonly scoreBudget: number;
  /** Causal attention of sequences of equal lengths, to [rows * queries, heads * headDim]. */
  attend(args: AttendArguments): Promise<Tensor>;
  /**
   * {@linkcode Attention.attend}, and the mass [rows, heads, queries, masks] that each query gives to
   * each token mask.
   *
   * @param tokenMasks [keys, masks] row-major.
   * @param scores [heads, queries, keys], added to the scores in place of the causal mask.
   */
  attendWithMass(
    args: AttendArguments,
    tokenMasks: Float32Array,
    scores: Float32Array | null,
  ): Promise<{ out: Tensor; mass: Float32Array }>;
  /** A cache for the rows of a batch, as `planRows` orders them. */
  cache(rows: PlannedRow[], config: QwenTextConfig, newTokens: number): KvCache;
  dispose(): Promise<void>;
}
