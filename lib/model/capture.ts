/**
 * What can be read out of a row while its prompt is computed.
 *
 * @module
 */
import { checkKeys, type KeysOf, showValue } from "../check_keys.ts";
import type { RowPlace } from "./interventions.ts";
import { checkLayerList } from "./layer_list.ts";
import type { ModelInput } from "./model_input.ts";

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

type Part<Name extends keyof CaptureRequest> = NonNullable<CaptureRequest[Name]>;

const CAPTURE: KeysOf<CaptureRequest> = { hidden: true, keysValues: true, attention: true };
const HIDDEN: KeysOf<Part<"hidden">> = { layers: true };
const KEYS_VALUES: KeysOf<Part<"keysValues">> = { layers: true, tokens: true };
const TOKENS: KeysOf<NonNullable<Part<"keysValues">["tokens"]>> = { start: true, count: true };
const ATTENTION: KeysOf<Part<"attention">> = { layers: true, queries: true, masks: true };

/**
 * Checks a request against the model and the prompt.
 *
 * @throws {Error} naming the key, layer, query or mask at fault.
 */
export function checkCapture(
  request: CaptureRequest,
  { row, input, config }: RowPlace,
): void {
  const tokens = input.ids.length;
  const whose = `the capture of row ${row}`;
  if (!checkKeys(request, CAPTURE, whose)) {
    throw new Error(`Cannot use ${whose}: it names nothing to capture`);
  }
  const checkPart = (
    name: keyof CaptureRequest,
    known: Readonly<Record<string, true>>,
    { layers, what }: { layers: number; what: string },
  ) => {
    const part = request[name];
    if (part === undefined) return;
    checkKeys(part, known, `${whose}, ${name}`);
    const field = `${name}.layers`;
    if (part.layers) checkLayerList(part.layers, layers, { field, what: `capture ${what} of` });
  };
  const { numLayers } = config;
  checkPart("hidden", HIDDEN, { layers: numLayers + 1, what: "hidden states" });
  checkPart("keysValues", KEYS_VALUES, { layers: numLayers, what: "K and V" });
  checkPart("attention", ATTENTION, { layers: numLayers, what: "the attention" });
  if (request.keysValues) {
    const { tokens: range } = request.keysValues;
    if (range) checkKeys(range, TOKENS, `${whose}, keysValues.tokens`);
    if (range && !(Number.isInteger(range.start) && Number.isInteger(range.count))) {
      throw new TypeError(`Cannot use ${whose}: keysValues.tokens is ${showValue(range)}`);
    }
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
  for (const field of ["queries", "masks"] as const) {
    if (Array.isArray(attention[field])) continue;
    throw new TypeError(
      `Cannot use ${whose}: attention.${field} is ${showValue(attention[field])}, not a list`,
    );
  }
  const bad = attention.queries.find((q) => !Number.isInteger(q) || q < 0 || q >= tokens);
  if (bad !== undefined || attention.queries.length === 0) {
    throw new RangeError(
      `Cannot capture attention from query ${bad}: positions 0 to ${tokens - 1} may be asked for`,
    );
  }
  for (const [number, mask] of attention.masks.entries()) {
    const at = Array.from(mask).findIndex((weight) => !Number.isFinite(weight));
    if (at < 0) continue;
    throw new TypeError(`Cannot capture attention: mask ${number} is ${mask[at]} at token ${at}`);
  }
  const wrong = attention.masks.findIndex((mask) => mask.length !== tokens);
  if (attention.masks.length === 0 || wrong >= 0) {
    throw new RangeError(
      `Cannot capture attention: mask ${Math.max(0, wrong)} has ` +
        `${attention.masks[Math.max(0, wrong)]?.length ?? 0} entries, the prompt ${tokens} tokens`,
    );
  }
}
