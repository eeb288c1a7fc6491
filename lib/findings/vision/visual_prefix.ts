/**
 * The part of a prompt that its visual tokens depend on.
 *
 * @module
 */
import type { ModelInput } from "../../model/mod.ts";

/** Number of a prompt's visual tokens. */
export function visualCount({ imageTokens }: ModelInput): number {
  return imageTokens.reduce((sum, { count }) => sum + count, 0);
}

/**
 * A prompt cut off after its last visual token. Attention is causal, so K and V of the visual tokens
 * are those of the whole prompt, at the price of its beginning.
 *
 * @example
 * ```ts
 * const input = {
 *   ids: new Int32Array([1, 9, 9, 2]), positions: new Int32Array(12), ropeDelta: 0,
 *   imageTokens: [{ start: 1, count: 2, grid: [1, 2, 4] as [number, number, number] }],
 *   imageEmbeddings: new Float32Array(8),
 * };
 * console.log(visualPrefix(input).ids); // Int32Array [1, 9, 9]
 * ```
 */
export function visualPrefix(input: ModelInput): ModelInput {
  const { ids, positions, imageTokens } = input;
  const length = Math.max(0, ...imageTokens.map(({ start, count }) => start + count));
  const kept = new Int32Array(3 * length);
  for (let axis = 0; axis < 3; axis++) {
    const start = axis * ids.length;
    kept.set(positions.subarray(start, start + length), axis * length);
  }
  return { ...input, ids: ids.slice(0, length), positions: kept };
}
