/**
 * What the language model is given: token ids, positions and image embeddings. The input side makes
 * these, the decoder side reads them.
 *
 * @module
 */

/** Where an image's tokens stand in a prompt. */
export interface ImageTokens {
  start: number;
  count: number;
  /** Grid of the image in vision patches, before merging: time, height, width. */
  grid: [number, number, number];
}

/** One prompt, ready for the decoder. T is the number of tokens. */
export interface ModelInput {
  /** [T] token ids; each image is `count` copies of the image token. */
  ids: Int32Array;
  /** [3, T] row-major: temporal, height and width position of each token. */
  positions: Int32Array;
  /** The position of the token generated at step s is T + ropeDelta + s, on all three axes. */
  ropeDelta: number;
  /** Images, in the prompt's order. */
  imageTokens: ImageTokens[];
  /** [sum of counts, hidden size] row-major, in the prompt's order; null without images. */
  imageEmbeddings: Float32Array | null;
  /** Tokens at the end that are an answer, default 0: an image token there is a token as any other. */
  answerTokens?: number;
}

/**
 * A prompt of text alone.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...textInput([7, 8]).positions], [0, 1, 0, 1, 0, 1]);
 * ```
 */
export function textInput(ids: ArrayLike<number>): ModelInput {
  const positions = Int32Array.from({ length: 3 * ids.length }, (_, i) => i % ids.length);
  const imageTokens: ImageTokens[] = [];
  return { ids: Int32Array.from(ids), positions, ropeDelta: 0, imageTokens, imageEmbeddings: null };
}

/**
 * Appends tokens to a prompt, at the positions they would have if they were generated. Run forward,
 * the result gives what the model computes while it writes that text, its own or another's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const prompt = {
 *   ids: new Int32Array([5, 6]), positions: new Int32Array([0, 1, 0, 1, 0, 1]), ropeDelta: 0,
 *   imageTokens: [], imageEmbeddings: null,
 * };
 * assertEquals([...extendInput(prompt, [7]).positions], [0, 1, 2, 0, 1, 2, 0, 1, 2]);
 * ```
 */
export function extendInput(input: ModelInput, tokens: ArrayLike<number>): ModelInput {
  const { ids, positions, ropeDelta } = input;
  const before = ids.length;
  const length = before + tokens.length;
  const longer = new Int32Array(length);
  longer.set(ids);
  longer.set(tokens, before);
  const places = new Int32Array(3 * length);
  for (let axis = 0; axis < 3; axis++) {
    places.set(positions.subarray(axis * before, (axis + 1) * before), axis * length);
    for (let i = before; i < length; i++) places[axis * length + i] = i + ropeDelta;
  }
  const answerTokens = (input.answerTokens ?? 0) + tokens.length;
  return { ...input, ids: longer, positions: places, answerTokens };
}
