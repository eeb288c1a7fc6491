/**
 * Edits: what is done to a row while it is computed, as plain data at a named site.
 *
 * @module
 */
import type { KeysOf } from "../../check_keys.ts";
import type { ModelInput } from "../model_input.ts";
import type { QwenTextConfig } from "../qwen_config.ts";
import type { Values } from "../values.ts";
import type { TokenChoice, TokenSet } from "./tokens.ts";

/** In the order of computation. */
export const SITES = ["residual", "keysValues", "heads", "attention", "mlp", "layer"] as const;

/**
 * Where in a layer values are read and changed:
 *
 * - `residual`: the layer's input, [tokens, hidden];
 * - `keysValues`: keys (rotated) and values, [tokens, kvHeads * headDim] each;
 * - `heads`: what each head has gathered, before the output projection, [tokens, heads * headDim];
 * - `attention`: what attention adds to the residual stream, [tokens, hidden];
 * - `mlp`: what the MLP adds to it, [tokens, hidden];
 * - `layer`: the layer's output, [tokens, hidden].
 */
export type Site = typeof SITES[number];

/** Sites of one value a token; at `keysValues` there are two. */
export type ValueSite = Exclude<Site, "keysValues">;

interface Common {
  /** Whether an edit that changes nothing is meant; default false: it is an error. */
  allowNoChange?: boolean;
}

/** Fields of edits of some layers' values. */
export interface Placed extends Common {
  layers: readonly number[];
  /** Default "all". */
  tokens?: TokenChoice;
}

export type Numbers = Float32Array | readonly number[];

export interface ZeroLayer extends Common {
  kind: "zeroLayer";
  layers: readonly number[];
}

/** K (rotated) and V of an image's tokens in every layer, [tokens, kvHeads * headDim] each. */
export interface VisualTokens {
  tokens: number;
  /** By layer. */
  keys: Float32Array[];
  /** By layer. */
  values: Float32Array[];
}

export interface SwapVisualTokens extends Common {
  kind: "swapVisualTokens";
  fromLayer: number;
  /** Last layer that is swapped; default: the model's last. */
  toLayer?: number;
  source: VisualTokens;
}

export interface AddVector extends Placed {
  kind: "addVector";
  site: ValueSite;
  /** [width of the site]. */
  vector: Numbers;
}

export interface Scale extends Placed {
  kind: "scale";
  site: Site;
  factor: number;
}

export interface Patch extends Placed {
  kind: "patch";
  site: ValueSite;
  /** [chosen tokens, width] or [1, width]. */
  values: Pick<Values, "dims"> & { data: Numbers };
}

export interface AblateHeads extends Placed {
  kind: "ablateHeads";
  heads: readonly number[];
  /** [heads * headDim] of the layer; default: zeros. */
  mean?: Numbers;
}

export interface KnockoutAttention extends Common {
  kind: "knockoutAttention";
  layers: readonly number[];
  /** Default: all. */
  heads?: readonly number[];
  /** Tokens that read. */
  from: TokenChoice;
  /** Tokens that they no longer see. */
  to: TokenChoice;
}

export interface EditEvent {
  layer: number;
  /** Index of the row in the request. */
  row: number;
  /** Whether these are the prompt's tokens or one generated token. */
  phase: "prefill" | "decode";
  /** Index of each token in the sequence. */
  tokens: readonly number[];
  /** At `keysValues`, which of the two. */
  part: "keys" | "values" | null;
  /** [tokens, width], to be changed in place. */
  values: Float32Array;
}

export interface FunctionEdit extends Placed {
  kind: "function";
  site: Site;
  apply: (event: EditEvent) => void;
}

/** One edit of a row. All but functions are plain data that JSON can hold. */
export type Edit =
  | ZeroLayer
  | SwapVisualTokens
  | AddVector
  | Scale
  | Patch
  | AblateHeads
  | KnockoutAttention
  | FunctionEdit;

export interface EditPlace {
  /** Whose it is, for messages. */
  what: string;
  input: ModelInput;
  config: QwenTextConfig;
  /** Tokens that are generated at most. */
  newTokens: number;
}

/** Which of two values, where a site has two. */
export type Part = "keys" | "values" | null;

/** What the runtime does at an edit's site. */
export type Action =
  /** The layer is not called. */
  | { type: "skip" }
  /** x scale + shift, [width] each. */
  | { type: "adjust"; scale: Float32Array | null; shift: Float32Array | null }
  /** Token t gets row `rowOf(t)` of `source`, [tokens, width], resampled to `rows` tokens. */
  | {
    type: "replace";
    source: (layer: number, part: Part) => Float32Array;
    width: number;
    rows: number;
    rowOf: (token: number) => number;
    measured: "every layer" | "first layer";
  }
  /** The tokens do not see chosen others. */
  | { type: "cut"; heads: ReadonlySet<number> | null; to: TokenSet }
  | { type: "call"; apply: (event: EditEvent) => void };

/** An edit on a row. What rows can share follows from site, layers and tokens. */
export interface EditPlan {
  site: Site;
  layers: readonly number[];
  /** Tokens whose values change. */
  tokens: TokenSet;
  /**
   * First token of the prompt that has to be computed from the edit's first layer on; default: the
   * first that changes.
   */
  firstNeeded?: number;
  action: Action;
}

export interface EditKind<E extends Edit> {
  keys: KeysOf<E>;
  /** @throws {Error} if the edit is wrong for the model or the prompt. */
  plan(edit: E, place: EditPlace): EditPlan;
}

export interface EditReceipt {
  kind: Edit["kind"];
  /** Layers in which it did something. */
  layers: number[];
  /** Times it did something: once a layer for the prompt, and once for each generated token. */
  calls: number;
  /** Tokens it was applied to, in the first of its layers. */
  tokens: number;
  /**
   * Frobenius norm of the change over layers and tokens; of swaps, in the first layer. Null where
   * values are not changed but left out: a layer, or what attention sees.
   */
  norm: number | null;
}
