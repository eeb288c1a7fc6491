/**
 * Cuts between early, middle and late layers that a user states.
 *
 * @module
 */
import type { LayerCuts } from "../thirds.ts";

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
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseLayerCuts("8,20"), [8, 20]);
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
