/**
 * What a part of a layer adds, made weaker or stronger.
 *
 * @module
 */
import { PLACED, planPlace, siteWidth } from "./checks.ts";
import { type EditKind, type Scale, SITES } from "./types.ts";

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
  keys: { ...PLACED, factor: true },
  plan(edit, place) {
    const at = planPlace(edit, place, SITES);
    const { factor } = edit;
    if (typeof factor !== "number" || !Number.isFinite(factor)) {
      throw new TypeError(`Cannot use ${place.what}: its factor is ${factor}, not a number`);
    }
    const scale = new Float32Array(siteWidth(at.site, place.config)).fill(factor);
    return { ...at, action: { type: "adjust", scale, shift: null } };
  },
};
