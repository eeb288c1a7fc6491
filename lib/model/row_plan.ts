/**
 * The rows of a batch: what each computes, and from which layer on it differs from the unmodified
 * model on the same prompt.
 *
 * @module
 */
import { type Captured, type CaptureRequest, checkCapture, emptyCapture } from "./capture.ts";
import {
  checkIntervention,
  emptyReceipt,
  firstTouchedLayer,
  type Intervention,
  type LayerHook,
  type Receipt,
} from "./interventions.ts";
import type { LayerWeights } from "./decoder_layer.ts";
import { checkLayers } from "./layer_list.ts";
import type { ModelInput } from "./model_input.ts";
import type { QwenTextConfig } from "./qwen_config.ts";

/**
 * A row: a prompt and what is done to it. Rows that hold the same `input` object share its prefill
 * and its K/V in every layer before they differ, so a sweep is the same input in many rows.
 */
export interface RowRequest {
  input: ModelInput;
  /**
   * The row's own list of layers, in place of the model's: a merge that runs beside others. Layers
   * that are the model's own objects are shared with its rows, up to the first that is not.
   */
  layers?: readonly LayerWeights[];
  intervention?: Intervention;
  hook?: LayerHook;
  capture?: CaptureRequest;
}

/** A checked row and its place in the batch. */
export interface PlannedRow {
  /** Index in the request. */
  index: number;
  request: RowRequest;
  input: ModelInput;
  /** Number of the prompt; rows of one prompt are siblings. */
  sample: number;
  layers: readonly LayerWeights[];
  /** First layer at which it does not share its siblings' unmodified stream; 0 without siblings. */
  touch: number;
  ablated: ReadonlySet<number>;
  receipt: Receipt;
  captured: Captured;
  /** Whether its answer is complete. */
  done: boolean;
}

/**
 * Checks a prompt against the model.
 *
 * @throws {Error} naming the length, token id or image at fault.
 */
export function checkInput(input: ModelInput, config: QwenTextConfig, newTokens = 0): void {
  const { ids, positions, imageTokens, imageEmbeddings } = input;
  const tokens = ids.length;
  if (tokens === 0) throw new Error("Cannot run an empty prompt: it has no tokens");
  if (tokens + newTokens > config.maxPositionEmbeddings) {
    throw new RangeError(
      `Cannot run a prompt of ${tokens} tokens with ${newTokens} new ones: the model's context is ` +
        `${config.maxPositionEmbeddings}`,
    );
  }
  const bad = ids.findIndex((id) => id < 0 || id >= config.vocabSize);
  if (bad >= 0) {
    throw new RangeError(
      `Cannot run the prompt: token ${bad} has id ${ids[bad]}, the vocabulary ${config.vocabSize}`,
    );
  }
  if (positions.length !== 3 * tokens) {
    throw new Error(
      `Cannot run the prompt: ${positions.length} positions for ${tokens} tokens, where 3 a token ` +
        "are needed",
    );
  }
  let end = 0;
  for (const { start, count } of imageTokens) {
    if (start < end || count < 1 || start + count > tokens) {
      throw new RangeError(
        `Cannot run the prompt: image tokens ${start} to ${start + count} overlap or lie outside ` +
          `of its ${tokens} tokens`,
      );
    }
    end = start + count;
  }
  const visual = imageTokens.reduce((sum, { count }) => sum + count, 0);
  if ((imageEmbeddings?.length ?? 0) !== visual * config.hiddenSize) {
    throw new Error(
      `Cannot run the prompt: ${visual} image tokens need ${
        visual * config.hiddenSize
      } embedding ` +
        `values, there are ${imageEmbeddings?.length ?? 0}`,
    );
  }
}

/** What rows are planned for. */
export interface PlannedFor {
  config: QwenTextConfig;
  /** The model's own layers. */
  layers: readonly LayerWeights[];
}

/** The first layer that is not the model's own; their count if all are. */
function firstOtherLayer(
  layers: readonly LayerWeights[],
  { layers: own, config: { numLayers } }: PlannedFor,
): number {
  if (layers.length !== numLayers) {
    throw new Error(`Cannot run a row of ${layers.length} layers: the model has ${numLayers}`);
  }
  const first = layers.findIndex((weights, layer) => weights !== own[layer]);
  return first < 0 ? numLayers : first;
}

/**
 * Checks the rows of a batch and orders them by the layer at which they differ, last first, so that
 * at every layer the rows that still share come first.
 *
 * @param newTokens Tokens to be generated, for the check of the context.
 */
export function planRows(
  requests: readonly RowRequest[],
  model: PlannedFor,
  newTokens = 0,
): PlannedRow[] {
  const { config } = model;
  if (requests.length === 0) throw new Error("Cannot run a batch of no rows");
  const samples = new Map<ModelInput, { number: number; rows: number }>();
  for (const { input } of requests) {
    const known = samples.get(input);
    if (known) known.rows++;
    else {
      checkInput(input, config, newTokens);
      samples.set(input, { number: samples.size, rows: 1 });
    }
  }
  const rows = requests.map((request, index): PlannedRow => {
    const { input, intervention = {}, hook, capture, layers = model.layers } = request;
    const other = firstOtherLayer(layers, model);
    checkIntervention(intervention, input, config);
    checkLayers(hook?.layers ?? [], config.numLayers, "hook");
    if (capture) checkCapture(capture, input, config);
    const sample = samples.get(input)!;
    return {
      index,
      request,
      input,
      sample: sample.number,
      layers,
      touch: sample.rows === 1
        ? 0
        : Math.min(other, firstTouchedLayer(intervention, hook, config.numLayers)),
      ablated: new Set(intervention.zeroAblate),
      receipt: emptyReceipt(),
      captured: emptyCapture(),
      done: false,
    };
  });
  return rows.sort((a, b) => b.touch - a.touch || a.index - b.index);
}
