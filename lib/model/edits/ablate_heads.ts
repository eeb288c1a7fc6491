/**
 * Attention heads without their result.
 *
 * @module
 */
import { checkHeads, checkNumbers, planPlace, siteWidth } from "./checks.ts";
import type { AblateHeads, EditKind } from "./types.ts";

/**
 * Replaces what heads have gathered by zeros, or by the mean that is given.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ablateHeads([0, 2], { layers: [5] }).heads, [0, 2]);
 * ```
 *
 * @param options `mean` [heads * headDim]: what to put in place of zeros; take it from a capture at
 * `heads`, averaged over tokens.
 */
export function ablateHeads(
  heads: readonly number[],
  options: Omit<AblateHeads, "kind" | "heads">,
): AblateHeads {
  return { kind: "ablateHeads", heads, ...options };
}

export const ABLATE_HEADS: EditKind<AblateHeads> = {
  keys: { kind: true, layers: true, tokens: true, heads: true, mean: true, allowNoChange: true },
  plan({ heads, mean, ...placed }, place) {
    const at = planPlace({ ...placed, site: "heads" }, place);
    const chosen = checkHeads(heads, place);
    const { what, config } = place;
    const width = siteWidth("heads", config);
    const scale = new Float32Array(width).fill(1);
    for (const head of chosen) scale.fill(0, head * config.headDim, (head + 1) * config.headDim);
    const given = mean === undefined ? null : checkNumbers(mean, width, { what, field: "mean" });
    const shift = given && given.map((value, i) => scale[i] === 0 ? value : 0);
    return { ...at, action: { type: "adjust", scale, shift } };
  },
};
