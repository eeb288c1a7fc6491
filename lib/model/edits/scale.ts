/**
 * What a part of a layer adds, made weaker or stronger.
 *
 * @module
 */
import { checkEditLayers, checkSite, siteWidth } from "./checks.ts";
import { tokenSet } from "./tokens.ts";
import type { EditKind, Scale } from "./types.ts";

/**
 * Multiplies the values of the chosen tokens at a site; 0 at `attention` or `mlp` leaves that part
 * of the layer out.
 *
 * @example Layer 2 without its MLP
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(scale(0, { site: "mlp", layers: [2] }).factor, 0);
 * ```
 */
export function scale(factor: number, options: Omit<Scale, "kind" | "factor">): Scale {
  return { kind: "scale", factor, ...options };
}

export const SCALE: EditKind<Scale> = {
  keys: {
    kind: true,
    site: true,
    layers: true,
    tokens: true,
    factor: true,
    allowNoChange: true,
  },
  plan({ site, layers, tokens = "all", factor }, place) {
    checkSite(site, place.what, { keysValues: true });
    checkEditLayers(layers, place);
    if (typeof factor !== "number" || !Number.isFinite(factor)) {
      throw new TypeError(`Cannot use ${place.what}: its factor is ${factor}, not a number`);
    }
    const width = siteWidth(site, place.config);
    return {
      site,
      layers,
      tokens: tokenSet(tokens, place.input, place),
      action: { type: "adjust", scale: new Float32Array(width).fill(factor), shift: null },
    };
  },
};
