/**
 * The rows of a batch: what each computes, and from which layer on it differs from the unmodified
 * model on the same prompt.
 *
 * @module
 */
import { checkKeys, type KeysOf } from "../check_keys.ts";
import { type CaptureRequest, RowCaptures } from "./captures.ts";
import type { LayerWeights } from "./decoder_layer.ts";
import { RowEdits } from "./edits/row_edits.ts";
import type { Edit } from "./edits/types.ts";
import type { ImageTokens, ModelInput } from "./model_input.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import type { SweepRow } from "./sweep.ts";

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
  /** What is done to it, in this order at each site. */
  edits?: readonly Edit[];
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
  edits: RowEdits;
  captures: RowCaptures;
  /** Whether its answer is complete. */
  done: boolean;
}

const ROW: KeysOf<SweepRow> = {
  input: true,
  layers: true,
  edits: true,
  capture: true,
  layer: true,
};
const INPUT: KeysOf<ModelInput> = {
  ids: true,
  positions: true,
  ropeDelta: true,
  imageTokens: true,
  imageEmbeddings: true,
  answerTokens: true,
};

const IMAGE_TOKENS: KeysOf<ImageTokens> = { start: true, count: true, grid: true };

function refuse(why: string): never {
  throw new Error(`Cannot run the prompt: ${why}`);
}

/** Image tokens must stand where the input says images are, and nowhere else before the answer. */
function checkImagePlaces(
  { ids, imageTokens, answerTokens = 0 }: ModelInput,
  imageTokenId: number,
): void {
  const inside = new Uint8Array(ids.length);
  let end = 0;
  for (const place of imageTokens) {
    checkKeys(place, IMAGE_TOKENS, "the prompt, imageTokens");
    const { start, count } = place;
    const whole = Number.isInteger(start) && Number.isInteger(count);
    if (!whole || start < end || count < 1 || start + count > ids.length) {
      refuse(
        `image tokens ${start} to ${start + count} overlap or lie outside of its ${ids.length} ` +
          "tokens",
      );
    }
    end = start + count;
    inside.fill(1, start, end);
  }
  for (const [token, id] of ids.entries()) {
    if (inside[token] && id !== imageTokenId) {
      refuse(
        `token ${token} is said to be of an image, but has id ${id}, not the image token's ` +
          imageTokenId,
      );
    }
    if (!inside[token] && id === imageTokenId && token < ids.length - answerTokens) {
      refuse(`token ${token} is the image token ${id}, but is said to be of no image`);
    }
  }
}

/**
 * Checks a prompt against the model.
 *
 * @throws {Error} naming the key, length, token id, value or image at fault.
 */
export function checkInput(
  input: ModelInput,
  { config, imageTokenId }: Pick<PlannedFor, "config" | "imageTokenId">,
  newTokens = 0,
): void {
  checkKeys(input, INPUT, "the prompt");
  const { ids, positions, imageTokens, imageEmbeddings, ropeDelta } = input;
  for (const [name, values] of [["ids", ids], ["positions", positions]] as const) {
    if (!(values instanceof Int32Array)) refuse(`its ${name} are not an Int32Array`);
  }
  if (!Number.isInteger(ropeDelta)) refuse(`its ropeDelta is ${ropeDelta}, not a whole number`);
  const tokens = ids.length;
  if (tokens === 0) throw new Error("Cannot run an empty prompt: it has no tokens");
  if (tokens + newTokens > config.maxPositionEmbeddings) {
    throw new RangeError(
      `Cannot run a prompt of ${tokens} tokens with ${newTokens} new ones: the model's context is ` +
        `${config.maxPositionEmbeddings}`,
    );
  }
  const bad = ids.findIndex((id) => id < 0 || id >= config.vocabSize);
  if (bad >= 0) refuse(`token ${bad} has id ${ids[bad]}, the vocabulary ${config.vocabSize}`);
  if (positions.length !== 3 * tokens) {
    refuse(`${positions.length} positions for ${tokens} tokens, where 3 a token are needed`);
  }
  checkImagePlaces(input, imageTokenId);
  const visual = imageTokens.reduce((sum, { count }) => sum + count, 0);
  const needed = visual * config.hiddenSize;
  const given = imageEmbeddings?.length ?? 0;
  if (given !== needed) {
    refuse(`${visual} image tokens need ${needed} embedding values, there are ${given}`);
  }
  const broken = imageEmbeddings?.findIndex((value) => !Number.isFinite(value)) ?? -1;
  if (broken >= 0) {
    refuse(`value ${broken} of its image embeddings is ${imageEmbeddings![broken]}`);
  }
}

export interface PlannedFor {
  config: QwenTextConfig;
  imageTokenId: number;
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
  for (const [index, request] of requests.entries()) {
    checkKeys(request, ROW, `row ${index}`);
    const { input } = request;
    const known = samples.get(input);
    if (known) known.rows++;
    else {
      checkInput(input, model, newTokens);
      samples.set(input, { number: samples.size, rows: 1 });
    }
  }
  const rows = requests.map((request, index): PlannedRow => {
    const { input, capture, layers = model.layers } = request;
    const other = firstOtherLayer(layers, model);
    const place = { input, config, newTokens };
    const edits = new RowEdits(request.edits ?? [], index, place);
    const what = `the capture of row ${index}`;
    const sample = samples.get(input)!;
    return {
      index,
      request,
      input,
      sample: sample.number,
      layers,
      touch: sample.rows === 1 ? 0 : Math.min(other, edits.touch(config.numLayers)),
      edits,
      captures: new RowCaptures(capture, { ...place, what }),
      done: false,
    };
  });
  return rows.sort((a, b) => b.touch - a.touch || a.index - b.index);
}
