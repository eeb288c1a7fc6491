/**
 * The small random checkpoint, opened for tests of the decoder, and prompts for it.
 *
 * @module
 */
import { Checkpoint } from "../../checkpoint/mod.ts";
import { Decoder, type DecoderOptions } from "../decoder.ts";
import { type ModelPlan, planOf } from "../layer_list.ts";
import type { ModelInput } from "../model_input.ts";
import { testdata } from "./reference.ts";

/** The plan of the random checkpoint. */
export function randomPlan(): ModelPlan {
  using checkpoint = Checkpoint.open(testdata("random-qwen"));
  return planOf(checkpoint);
}

/** A decoder over the random checkpoint. */
export function openRandom(options?: DecoderOptions): Promise<Decoder> {
  return Decoder.open(randomPlan(), options);
}

/** A prompt of plain tokens. */
export function textInput(ids: ArrayLike<number>): ModelInput {
  return {
    ids: Int32Array.from(ids),
    positions: Int32Array.from({ length: 3 * ids.length }, (_, i) => i % ids.length),
    ropeDelta: 0,
    imageTokens: [],
    imageEmbeddings: null,
  };
}
