/**
 * The logit lens: what a model would say if its last layer came earlier.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { checkKeys, type KeysOf } from "../check_keys.ts";
import { frameOf } from "../frame.ts";
import { concatenate } from "./tensors.ts";
import type { Decoder } from "./decoder.ts";
import type { TokenChoice } from "./edits/tokens.ts";
import type { Edit } from "./edits/types.ts";
import { forward } from "./forward.ts";
import { logProbability } from "./log_probability.ts";
import type { ModelInput } from "./model_input.ts";
import { Values } from "./values.ts";

export interface LensOptions {
  /** Layers whose output is read; default: all. */
  layers?: readonly number[];
  /** Tokens to read at, of the prompt; default: its last one. */
  tokens?: TokenChoice;
  /** Likeliest tokens that are listed; default 5. */
  top?: number;
  edits?: readonly Edit[];
}

/** A token that a layer would say. */
export interface LensToken {
  layer: number;
  /** Number of the read token, among those chosen. */
  place: number;
  /** From 0, the likeliest. */
  rank: number;
  id: number;
  token: string;
  logit: number;
  probability: number;
}

/** What layers would say. */
export interface Lens {
  layers: readonly number[];
  /** [layers, tokens, vocab] */
  logits: Values;
  /** The likeliest tokens, by layer, place and rank. */
  top: LensToken[];
  /** `top` as a frame. */
  toFrame(): pl.DataFrame;
}

const OPTIONS: KeysOf<LensOptions & { decode: unknown }> = {
  layers: true,
  tokens: true,
  top: true,
  edits: true,
  decode: true,
};

function likeliest(logits: Float32Array, count: number) {
  return Array.from(logits, (logit, id) => ({ id, logit }))
    .sort((a, b) => b.logit - a.logit || a.id - b.id)
    .slice(0, count)
    .map(({ id, logit }, rank) => ({
      rank,
      id,
      logit,
      probability: Math.exp(logProbability(logits, id)),
    }));
}

/**
 * Puts the output of layers through the model's final norm and head. (nostalgebraist 2020, "the
 * logit lens".) At the last layer it gives the model's own logits.
 *
 * @throws {Error} if a layer or token is unknown.
 */
export async function lens(
  decoder: Decoder,
  input: ModelInput,
  options: LensOptions & { decode: (token: number) => string },
): Promise<Lens> {
  checkKeys(options, OPTIONS, "the options of lens");
  const { numLayers, hiddenSize, vocabSize } = decoder.config;
  const { tokens = [input.ids.length - 1], top: count = 5, edits, decode } = options;
  if (!Number.isInteger(count) || count < 1 || count > vocabSize) {
    throw new RangeError(`Cannot list the ${count} likeliest tokens of ${vocabSize}`);
  }
  const { layers = Array.from({ length: numLayers }, (_, layer) => layer) } = options;
  const [{ captured }] = await forward(
    decoder,
    [{ input, edits, capture: { layer: { layers, tokens } } }],
    { logits: "none" },
  );
  using pass = await decoder.backend.begin();
  const parts: Float32Array[] = [];
  const top: LensToken[] = [];
  let places = 0;
  for (const layer of layers) {
    const { data, dims } = captured.layer.get(layer)!;
    places = dims[0];
    const logits = await decoder.logits(await pass.upload(data, hiddenSize));
    parts.push(logits);
    for (let place = 0; place < places; place++) {
      const own = logits.subarray(place * vocabSize, (place + 1) * vocabSize);
      for (const likely of likeliest(own, count)) {
        top.push({ layer, place, ...likely, token: decode(likely.id) });
      }
    }
  }
  return {
    layers,
    logits: new Values(concatenate(parts), [layers.length, places, vocabSize]),
    top,
    toFrame: () =>
      frameOf(top.map((row) => ({ ...row })), {
        layer: "int",
        place: "int",
        rank: "int",
        id: "int",
        token: "string",
        logit: "float",
        probability: "float",
      }),
  };
}
