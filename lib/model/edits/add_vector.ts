/**
 * Steering: a vector added to what tokens carry.
 *
 * @module
 */
import { checkEditLayers, checkNumbers, checkSite, siteWidth } from "./checks.ts";
import { tokenSet } from "./tokens.ts";
import type { AddVector, EditKind } from "./types.ts";

/**
 * Adds a vector to the values of the chosen tokens at a site, by default every token's residual
 * stream.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const steering = addVector([0.5, -0.5], { layers: [4], tokens: "generated" });
 * assertEquals(steering.site, "residual");
 * ```
 *
 * @param vector [width of the site].
 */
export function addVector(
  vector: AddVector["vector"],
  options: Omit<AddVector, "kind" | "site" | "vector"> & Partial<Pick<AddVector, "site">>,
): AddVector {
  return { kind: "addVector", site: "residual", vector, ...options };
}

export const ADD_VECTOR: EditKind<AddVector> = {
  keys: {
    kind: true,
    site: true,
    layers: true,
    tokens: true,
    vector: true,
    allowNoChange: true,
  },
  plan({ site, layers, tokens = "all", vector }, place) {
    checkSite(site, place.what, { keysValues: false });
    checkEditLayers(layers, place);
    const { what } = place;
    const shift = checkNumbers(vector, siteWidth(site, place.config), { what, field: "vector" });
    return {
      site,
      layers,
      tokens: tokenSet(tokens, place.input, place),
      action: { type: "adjust", scale: null, shift },
    };
  },
};
