/**
 * The two cuts between early, middle and late layers.
 *
 * @module
 */
import type { Region } from "../checkpoint/mod.ts";

/** First middle layer and first late layer. */
export type LayerCuts = readonly [number, number];

/**
 * The cuts of a merge by thirds: floor(L / 3) and floor(2 L / 3). (The weight analyses' regions cut
 * at 2 floor(L / 3) instead, as the original's do; the two differ where L mod 3 is 2.)
 *
 * @example
 * ```ts
 * console.log(defaultLayerCuts(28), defaultLayerCuts(8)); // [ 9, 18 ] [ 2, 5 ]
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

/**
 * Checks cuts against a model: each of the three regions must have a layer.
 *
 * @throws {RangeError} saying which values are allowed.
 */
export function checkLayerCuts([first, second]: LayerCuts, numLayers: number): void {
  const whole = Number.isInteger(first) && Number.isInteger(second);
  if (!whole || !(0 < first && first < second && second < numLayers)) {
    throw new RangeError(
      `Cannot cut ${numLayers} layers at ${first} and ${second}: whole numbers with ` +
        `0 < C1 < C2 < ${numLayers} are needed (the first middle and the first late layer)`,
    );
  }
}

/**
 * Reads cuts out of a flag's text: two whole numbers with a comma or a space between.
 *
 * @example
 * ```ts
 * console.log(parseLayerCuts("8,20")); // [ 8, 20 ]
 * ```
 *
 * @throws {Error} if the text is something else.
 */
export function parseLayerCuts(text: string): LayerCuts {
  const match = /^\s*(\d{1,9})(?:\s*,\s*|\s+)(\d{1,9})\s*$/.exec(text);
  if (!match) {
    throw new Error(
      `Cannot read layer cuts from ${JSON.stringify(text)}: give two whole numbers, as 8,20`,
    );
  }
  return [Number(match[1]), Number(match[2])];
}

/** The region of a layer, 0-based. */
export function regionAt(layer: number, [first, second]: LayerCuts): Region {
  if (layer < first) return "early";
  return layer < second ? "middle" : "late";
}
