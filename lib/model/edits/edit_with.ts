/**
 * A function of yours as an edit.
 *
 * @module
 */
import { showValue } from "../../check_keys.ts";
import { PLACED, planPlace } from "./checks.ts";
import { type EditKind, type FunctionEdit, SITES } from "./types.ts";

/**
 * Calls a function with the values of the chosen tokens at a site; it changes them in place. On a
 * GPU the values come to the host and go back.
 *
 * @example Clip the residual stream
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const clip = editWith(({ values }) => {
 *   for (let i = 0; i < values.length; i++) values[i] = Math.min(values[i], 100);
 * }, { layers: [6] });
 * assertEquals(clip.site, "residual");
 * ```
 */
export function editWith(
  apply: FunctionEdit["apply"],
  options: Omit<FunctionEdit, "kind" | "site" | "apply"> & Partial<Pick<FunctionEdit, "site">>,
): FunctionEdit {
  return { kind: "function", site: "residual", apply, ...options };
}

export const FUNCTION: EditKind<FunctionEdit> = {
  keys: { ...PLACED, apply: true },
  plan(edit, place) {
    const at = planPlace(edit, place, SITES);
    const { apply } = edit;
    if (typeof apply !== "function") {
      throw new TypeError(`Cannot use ${place.what}: its apply is ${showValue(apply)}`);
    }
    return { ...at, action: { type: "call", apply } };
  },
};
