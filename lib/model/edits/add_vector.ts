/**
 * Steering: a vector added to what tokens carry.
 *
 * @module
 */
import { checkNumbers, PLACED, planPlace, siteWidth } from "./checks.ts";
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
  keys: { ...PLACED, vector: true },
  plan(edit, place) {
    const at = planPlace(edit, place);
    const { what, config } = place;
    const width = siteWidth(at.site, config);
    const shift = checkNumbers(edit.vector, width, { what, field: "vector" });
    return { ...at, action: { type: "adjust", scale: null, shift } };
  },
};
