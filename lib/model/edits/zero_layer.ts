/**
 * Layers left out.
 *
 * @module
 */
import { planPlace } from "./checks.ts";
import type { EditKind, ZeroLayer } from "./types.ts";

/**
 * Zero ablation: the layers' output is their input, for prompt and answer. They are not called.
 * (Paper, section 3.2: the ablation of localization.)
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(zeroLayer(3), { kind: "zeroLayer", layers: [3] });
 * ```
 */
export function zeroLayer(...layers: number[]): ZeroLayer {
  return { kind: "zeroLayer", layers };
}

export const ZERO_LAYER: EditKind<ZeroLayer> = {
  keys: { kind: true, layers: true, allowNoChange: true },
  plan({ layers }, place) {
    return { ...planPlace({ site: "layer", layers }, place), action: { type: "skip" } };
  },
};
