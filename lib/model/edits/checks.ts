/**
 * Checks that several kinds of edits share.
 *
 * @module
 */
import { showValue } from "../../check_keys.ts";
import { checkLayerList } from "../layer_list.ts";
import { didYouMean } from "../../nearest_name.ts";
import { tokenSet } from "./tokens.ts";
import {
  type EditPlace,
  type EditPlan,
  type Numbers,
  type Placed,
  type Site,
  SITES,
} from "./types.ts";

export function siteWidth(site: Site, config: EditPlace["config"]): number {
  if (site === "heads") return config.numHeads * config.headDim;
  return site === "keysValues" ? config.numKvHeads * config.headDim : config.hiddenSize;
}

/** Sites of one value a token. */
const VALUE_SITES = SITES.filter((name) => name !== "keysValues");

/** Keys of edits of values at a site. */
export const PLACED = {
  kind: true,
  site: true,
  layers: true,
  tokens: true,
  allowNoChange: true,
} as const;

/**
 * Where an edit of values is made.
 *
 * @param sites Those that it has a use for.
 * @throws {Error} if there is no such site, layer or token.
 */
export function planPlace(
  { site, layers, tokens = "all" }: Placed & { site: Site },
  place: EditPlace,
  sites: readonly Site[] = VALUE_SITES,
): Pick<EditPlan, "site" | "layers" | "tokens"> {
  if (!sites.includes(site)) {
    const near = didYouMean(String(site), sites);
    throw new Error(`Cannot use ${place.what}: it knows no site ${near}`);
  }
  checkEditLayers(layers, place);
  return { site, layers, tokens: tokenSet(tokens, place.input, place) };
}

/** @throws {Error} unless it is a list of the model's layers. */
export function checkEditLayers(layers: readonly number[], { what, config }: EditPlace): void {
  checkLayerList(layers, config.numLayers, { field: `layers of ${what}`, what: "edit" });
}

/** @throws {Error} unless it is a list of the model's heads. */
export function checkHeads(heads: readonly number[], { what, config }: EditPlace): Set<number> {
  const { numHeads } = config;
  const isHead = (head: number) => Number.isInteger(head) && head >= 0 && head < numHeads;
  if (!Array.isArray(heads) || heads.length === 0 || !heads.every(isHead)) {
    throw new RangeError(
      `Cannot use ${what}: its heads are ${showValue(heads)}, not a list of some of 0 to ` +
        `${numHeads - 1}`,
    );
  }
  return new Set(heads);
}

/**
 * Numbers of an edit as an array.
 *
 * @throws {Error} if they are no numbers, or not so many.
 */
export function checkNumbers(
  numbers: Numbers,
  count: number,
  { what, field }: { what: string; field: string },
): Float32Array {
  if (!(numbers instanceof Float32Array || Array.isArray(numbers))) {
    throw new TypeError(`Cannot use ${what}: its ${field} is ${showValue(numbers)}, not numbers`);
  }
  if (numbers.length !== count) {
    throw new RangeError(
      `Cannot use ${what}: its ${field} has ${numbers.length} numbers, where ${count} are needed`,
    );
  }
  const values = Float32Array.from(numbers);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new TypeError(`Cannot use ${what}: number ${bad} of its ${field} is ${numbers[bad]}`);
  }
  return values;
}
