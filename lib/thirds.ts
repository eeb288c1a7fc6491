/**
 * The thirds of the language model's layers, by which the paper states most claims: the one place
 * that says where they begin.
 *
 * Two rules of the original's differ where the number of layers L leaves 2 when divided by 3: its
 * weight analyses cut at floor(L / 3) and 2 floor(L / 3), its merges at floor(L / 3) and
 * floor(2 L / 3).
 *
 * @module
 */

/** The thirds in order. */
export const THIRDS = ["early", "middle", "late"] as const;
/** A third of the language model's layers. */
export type Third = typeof THIRDS[number];
/** Something for each third. */
export type Thirds<T> = Record<Third, T>;

/** First middle layer and first late layer. */
export type LayerCuts = readonly [number, number];

/** The third of a layer, 0-based, by given cuts. */
export function thirdAt(layer: number, [first, second]: LayerCuts): Third {
  if (layer < first) return "early";
  return layer < second ? "middle" : "late";
}

/**
 * The third that a layer belongs to in every analysis: with t = floor(L / 3), early below t, middle
 * below 2t.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([0, 9, 18, 27].map((layer) => thirdOf(layer, 28)), [
 *   "early",
 *   "middle",
 *   "late",
 *   "late",
 * ]);
 * ```
 *
 * @param layer 0-based LLM layer.
 * @param numLayers LLM layers L in all.
 */
export function thirdOf(layer: number, numLayers: number): Third {
  const third = Math.floor(numLayers / 3);
  return thirdAt(layer, [third, 2 * third]);
}

/** Groups things by the third of the layer (0-based) that each belongs to. */
export function byThird<T>(
  things: readonly T[],
  layerOf: (thing: T) => number,
  numLayers: number,
): Thirds<T[]> {
  const thirds: Thirds<T[]> = { early: [], middle: [], late: [] };
  for (const thing of things) thirds[thirdOf(layerOf(thing), numLayers)].push(thing);
  return thirds;
}

/**
 * The cuts of a merge by thirds: floor(L / 3) and floor(2 L / 3).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(defaultLayerCuts(28), [9, 18]);
 * assertEquals(defaultLayerCuts(8), [2, 5]);
 * ```
 *
 * @param numLayers Decoder layers L, at least 3.
 * @throws {RangeError} if there are fewer.
 */
export function defaultLayerCuts(numLayers: number): LayerCuts {
  if (!Number.isInteger(numLayers) || numLayers < 3) {
    throw new RangeError(`Cannot cut ${numLayers} layers into thirds: at least 3 are needed`);
  }
  return [Math.floor(numLayers / 3), Math.floor(2 * numLayers / 3)];
}
