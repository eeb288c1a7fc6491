/**
 * Checks that several kinds of edits share.
 *
 * @module
 */
import { showValue } from "../../check_keys.ts";
import { checkLayerList } from "../layer_list.ts";
import { didYouMean } from "../../nearest_name.ts";
import type { EditPlace, Numbers, Site } from "./types.ts";

/** Numbers a token at a site. */
export function siteWidth(site: Site, config: EditPlace["config"]): number {
  if (site === "heads") return config.numHeads * config.headDim;
  return site === "keysValues" ? config.numKvHeads * config.headDim : config.hiddenSize;
}

const SITES: Readonly<Record<Site, true>> = {
  residual: true,
  keysValues: true,
  heads: true,
  attention: true,
  mlp: true,
  layer: true,
};

/** All sites, in the order of computation. */
export const SITE_NAMES = Object.keys(SITES) as Site[];

/** @throws {Error} if there is no such site, or the edit has no use for it. */
export function checkSite(site: Site, what: string, { keysValues }: { keysValues: boolean }): void {
  const known = SITE_NAMES.filter((name) => keysValues || name !== "keysValues");
  if (known.includes(site)) return;
  throw new Error(`Cannot use ${what}: it knows no site ${didYouMean(String(site), known)}`);
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
