/**
 * Values of another run, put into this one.
 *
 * @module
 */
import { showValue } from "../../check_keys.ts";
import { checkNumbers, PLACED, planPlace, siteWidth } from "./checks.ts";
import { runsOf } from "./tokens.ts";
import type { EditKind, Patch } from "./types.ts";

/**
 * Replaces the values of the chosen tokens at a site by captured ones: of another prompt, model or
 * layer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const values = { data: [1, 2, 3, 4], dims: [1, 4] };
 * assertEquals(patch(values, { layers: [2], tokens: [9] }).site, "residual");
 * ```
 *
 * @param values [chosen tokens, width] in the order of the sequence, or [1, width] for all of them.
 */
export function patch(
  values: Patch["values"],
  options: Omit<Patch, "kind" | "site" | "values"> & Partial<Pick<Patch, "site">>,
): Patch {
  return { kind: "patch", site: "residual", values, ...options };
}

export const PATCH: EditKind<Patch> = {
  keys: { ...PLACED, values: true },
  plan(edit, place) {
    const at = planPlace(edit, place);
    const { values } = edit;
    const { what, input, newTokens } = place;
    const width = siteWidth(at.site, place.config);
    if (!Array.isArray(values?.dims) || values.dims.length !== 2 || values.dims[1] !== width) {
      throw new RangeError(
        `Cannot use ${what}: its values are [${values?.dims}], where [tokens, ${width}] is needed`,
      );
    }
    const rows = values.dims[0];
    const data = checkNumbers(values.data, rows * width, { what, field: "values" });
    const places = new Map<number, number>();
    for (const [from, to] of runsOf(at.tokens, 0, input.ids.length + newTokens)) {
      for (let token = from; token < to; token++) places.set(token, places.size);
    }
    if (rows !== 1 && rows !== places.size) {
      throw new RangeError(
        `Cannot use ${what}: its values are of ${rows} tokens, ${places.size} are chosen by ` +
          `${showValue(edit.tokens ?? "all")}`,
      );
    }
    return {
      ...at,
      action: {
        type: "replace",
        source: () => data,
        width,
        rows,
        rowOf: rows === 1 ? () => 0 : (token) => places.get(token)!,
        measured: "every layer",
      },
    };
  },
};
