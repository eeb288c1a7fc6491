/**
 * What can be done to a row while it is computed, as plain data, and the receipt of what was done.
 *
 * @module
 */
import { checkKeys, type KeysOf, showValue } from "../check_keys.ts";
import { checkLayerList, checkLayers } from "./layer_list.ts";
import type { ModelInput } from "./model_input.ts";
import type { QwenTextConfig } from "./qwen_config.ts";

/** K (rotated) and V of an image's tokens in every layer, [tokens, kvHeads * headDim] each. */
export interface VisualTokens {
  tokens: number;
  /** By layer. */
  keys: Float32Array[];
  /** By layer. */
  values: Float32Array[];
}

/** An intervention on one row: one of the two, or both. */
export interface Intervention {
  /** Layers whose output is their input: attention and MLP are left out, in prompt and answer. */
  zeroAblate?: readonly number[];
  /** Replaces K and V of the prompt's visual tokens in every layer from `fromLayer` on. */
  swapVisualTokens?: { fromLayer: number; source: VisualTokens };
}

/** What a {@linkcode LayerHook} sees. */
export interface HookEvent {
  layer: number;
  /** Index of the row in the request. */
  row: number;
  /** Whether these are the prompt's tokens or one generated token. */
  phase: "prefill" | "decode";
  /** Index in the sequence of the first token. */
  firstToken: number;
  /** [tokens, hidden size], the layer's input; change it in place. */
  hidden: Float32Array;
}

/** A function called with a row's hidden states before the chosen layers. */
export interface LayerHook {
  layers: readonly number[];
  /** Returns how many tokens it changed; a row whose hook never changed one is an error. */
  apply(event: HookEvent): number;
}

/** What was done to a row. */
export interface Receipt {
  /** Layers that were not called. */
  zeroAblated: number[];
  /** Layer calls left out: one for the prompt and one for each further token, per layer. */
  callsLeftOut: number;
  /** Layers whose visual tokens were replaced. */
  swapped: number[];
  /** Visual tokens replaced in each of them. */
  tokensSwapped: number;
  /** Frobenius norm of the change to K and V of those tokens in the first of the layers. */
  swapNorm: number;
  /** Times a hook was called. */
  hookCalls: number;
  /** Tokens that hooks say they changed. */
  tokensHooked: number;
}

/** A receipt of nothing. */
export function emptyReceipt(): Receipt {
  return {
    zeroAblated: [],
    callsLeftOut: 0,
    swapped: [],
    tokensSwapped: 0,
    swapNorm: 0,
    hookCalls: 0,
    tokensHooked: 0,
  };
}

/**
 * The first layer at which a row differs from the unmodified model: from there on it needs hidden
 * states and a K/V cache of its own.
 */
export function firstTouchedLayer(
  intervention: Intervention,
  hook: LayerHook | undefined,
  numLayers: number,
): number {
  return Math.min(
    numLayers,
    ...intervention.zeroAblate ?? [],
    intervention.swapVisualTokens?.fromLayer ?? numLayers,
    ...hook?.layers ?? [],
  );
}

const INTERVENTION: KeysOf<Intervention> = { zeroAblate: true, swapVisualTokens: true };
const SWAP: KeysOf<NonNullable<Intervention["swapVisualTokens"]>> = {
  fromLayer: true,
  source: true,
};
const SOURCE: KeysOf<VisualTokens> = { tokens: true, keys: true, values: true };
const HOOK: KeysOf<LayerHook> = { layers: true, apply: true };

/** What a row's requests are checked against. */
export interface RowPlace {
  /** Index of the row, for messages. */
  row: number;
  input: ModelInput;
  config: QwenTextConfig;
}

/**
 * Checks an intervention against the model and the prompt.
 *
 * @param sources Sources of swaps that are known to hold numbers; this one's is added.
 * @throws {Error} if a key is unknown, a layer is out of range, a value is no number, or it would
 * touch nothing.
 */
export function checkIntervention(
  intervention: Intervention,
  { row, input, config }: RowPlace,
  sources = new Set<VisualTokens>(),
): void {
  const whose = `the intervention of row ${row}`;
  if (!checkKeys(intervention, INTERVENTION, whose)) {
    throw new Error(`Cannot use ${whose}: it names nothing; leave it out for the unmodified model`);
  }
  const { zeroAblate, swapVisualTokens } = intervention;
  if (zeroAblate !== undefined) {
    checkLayerList(zeroAblate, config.numLayers, { field: "zeroAblate", what: "zero-ablate" });
  }
  if (swapVisualTokens === undefined) return;
  checkKeys(swapVisualTokens, SWAP, `${whose}, swapVisualTokens`);
  checkKeys(swapVisualTokens.source, SOURCE, `${whose}, swapVisualTokens.source`);
  const { fromLayer, source } = swapVisualTokens;
  checkLayers([fromLayer], config.numLayers, "swap visual tokens from");
  if (input.imageTokens.length === 0) {
    throw new Error("Cannot swap visual tokens: the prompt has no image");
  }
  const width = config.numKvHeads * config.headDim;
  for (const part of [source.keys, source.values]) {
    if (part.length !== config.numLayers) {
      throw new Error(
        `Cannot swap visual tokens: the source has ${part.length} layers, the model ` +
          `${config.numLayers}`,
      );
    }
    const wrong = part.findIndex((values) => values.length !== source.tokens * width);
    if (source.tokens < 1 || wrong >= 0) {
      throw new Error(
        `Cannot swap visual tokens: layer ${Math.max(0, wrong)} of the source has ` +
          `${part[Math.max(0, wrong)].length} values, where ${source.tokens} tokens of ${width} ` +
          "are needed",
      );
    }
    if (sources.has(source)) continue;
    for (const [layer, values] of part.entries()) {
      const at = values.findIndex((value) => !Number.isFinite(value));
      if (at < 0) continue;
      throw new Error(
        `Cannot swap visual tokens: value ${at} of layer ${layer} of the source is ${values[at]}`,
      );
    }
  }
  sources.add(source);
}

/**
 * Checks a hook against the model.
 *
 * @throws {Error} if a key is unknown, a layer is out of range, or there is no function to call.
 */
export function checkHook(hook: LayerHook, { row, config }: RowPlace): void {
  checkKeys(hook, HOOK, `the hook of row ${row}`);
  checkLayerList(hook.layers, config.numLayers, { field: "layers", what: "hook" });
  if (typeof hook.apply !== "function") {
    throw new TypeError(`Cannot use the hook of row ${row}: its apply is ${showValue(hook.apply)}`);
  }
}

/**
 * Calls a row's hook where it has one for the layer, and enters what it did in the row's receipt.
 *
 * @param event What the hook sees, but for the row.
 * @param tokens How many tokens the hidden states are of.
 * @throws {Error} if the hook does not say how many of them it changed, or leaves values that are no
 * numbers.
 */
export function runHook(
  { index, receipt, request: { hook } }: {
    index: number;
    receipt: Receipt;
    request: { hook?: LayerHook };
  },
  event: Omit<HookEvent, "row">,
  tokens: number,
): void {
  if (!hook?.layers.includes(event.layer)) return;
  const changed: unknown = hook.apply({ ...event, row: index });
  const whose = `the hook of row ${index} at layer ${event.layer}`;
  if (!(Number.isInteger(changed) && Number(changed) >= 0 && Number(changed) <= tokens)) {
    throw new TypeError(
      `Cannot use ${whose}: it returned ${
        showValue(changed)
      }, not how many of the ${tokens} tokens ` +
        "it changed",
    );
  }
  const at = event.hidden.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    const token = event.firstToken + Math.floor(at * tokens / event.hidden.length);
    throw new Error(`Cannot go on after ${whose}: it made token ${token} ${event.hidden[at]}`);
  }
  receipt.hookCalls++;
  receipt.tokensHooked += Number(changed);
}

/**
 * Throws if an intervention that was asked for did nothing.
 *
 * @param row Index of the row, for the message.
 */
export function checkReceipt(
  receipt: Receipt,
  { intervention, hook }: { intervention: Intervention; hook?: LayerHook },
  row: number,
): void {
  const idle = [
    (intervention.zeroAblate?.length ?? 0) > 0 && receipt.callsLeftOut === 0 && "zero ablation",
    intervention.swapVisualTokens && receipt.tokensSwapped === 0 && "visual token swap",
    hook && receipt.tokensHooked === 0 && "hook",
  ].filter((name) => typeof name === "string");
  if (idle.length > 0) {
    throw new Error(
      `The ${idle.join(" and the ")} of row ${row} touched nothing; its result would be the ` +
        "unmodified model's",
    );
  }
}

/**
 * Resamples rows along the token axis: linear, align_corners = false, as torch's interpolate.
 *
 * @example
 * ```ts
 * console.log(resampleTokens(new Float32Array([0, 1]), 1, 4)); // Float32Array [0, 0.25, 0.75, 1]
 * ```
 *
 * @param values [tokens, width] row-major.
 * @param width Numbers a token.
 * @param tokens Tokens wanted.
 * @returns [tokens, width]; `values` itself if the count is right already.
 */
export function resampleTokens(values: Float32Array, width: number, tokens: number): Float32Array {
  const available = values.length / width;
  if (available === tokens) return values;
  const result = new Float32Array(tokens * width);
  const scale = available / tokens;
  for (let token = 0; token < tokens; token++) {
    const at = Math.max(0, (token + 0.5) * scale - 0.5);
    const low = Math.min(available - 1, Math.floor(at));
    const high = Math.min(available - 1, low + 1);
    const share = at - low;
    for (let i = 0; i < width; i++) {
      result[token * width + i] = (1 - share) * values[low * width + i] +
        share * values[high * width + i];
    }
  }
  return result;
}
