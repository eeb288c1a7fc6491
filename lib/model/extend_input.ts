/**
 * A prompt and an answer as one input: teacher forcing.
 *
 * @module
 */
import type { ModelInput } from "./model_input.ts";

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
