/**
 * Another image's keys and values in place of the prompt's.
 *
 * @module
 */
import { checkKeys, type KeysOf } from "../../check_keys.ts";
import type { Captured } from "../captures.ts";
import { checkLayers } from "../layer_list.ts";
import { siteWidth } from "./checks.ts";
import { tokenSet, visualTokenIndices } from "./tokens.ts";
import type { EditKind, SwapVisualTokens, VisualTokens } from "./types.ts";

/**
 * Replaces K (rotated) and V of the prompt's visual tokens, once, at prefill, in every layer from
 * `fromLayer` on, or up to `toLayer`. (Paper, section 3.1: visual token swapping.) Where the images have different
 * numbers of tokens, the source is resampled along them.
 *
 * @param source See `VisionLanguageModel.captureVisualTokens`.
 */
export function swapVisualTokens(
  source: VisualTokens,
  { fromLayer = 0, ...options }: Partial<Omit<SwapVisualTokens, "kind" | "source">> = {},
): SwapVisualTokens {
  return { kind: "swapVisualTokens", fromLayer, source, ...options };
}

/** The source of a swap, captured at `keysValues` of every layer and the tokens `image`. */
export function visualTokensOf({ keys, values }: Pick<Captured, "keys" | "values">): VisualTokens {
  const arrays = (part: Captured["keys"]) => [...part.values()].map(({ data }) => data);
  return { tokens: keys.get(0)?.dims[0] ?? 0, keys: arrays(keys), values: arrays(values) };
}

const SOURCE: KeysOf<VisualTokens> = { tokens: true, keys: true, values: true };

/** Sources that are known to fit models of so many layers; a sweep uses one many times. */
const checked = new WeakMap<VisualTokens, string>();

function refuse(why: string): never {
  throw new Error(`Cannot swap visual tokens: ${why}`);
}

function checkSource(source: VisualTokens, { numLayers, width }: {
  numLayers: number;
  width: number;
}): void {
  const shape = `${numLayers} ${width}`;
  if (checked.get(source) === shape) return;
  for (const part of [source.keys, source.values]) {
    if (part.length !== numLayers) {
      refuse(`the source has ${part.length} layers, the model ${numLayers}`);
    }
    for (const [layer, values] of part.entries()) {
      const whose = `layer ${layer} of the source`;
      if (source.tokens < 1 || values.length !== source.tokens * width) {
        refuse(
          `${whose} has ${values.length} values, where ${source.tokens} tokens of ${width} are needed`,
        );
      }
      const at = values.findIndex((value) => !Number.isFinite(value));
      if (at >= 0) refuse(`value ${at} of ${whose} is ${values[at]}`);
    }
  }
  checked.set(source, shape);
}

export const SWAP_VISUAL_TOKENS: EditKind<SwapVisualTokens> = {
  keys: { kind: true, fromLayer: true, toLayer: true, source: true, allowNoChange: true },
  plan({ fromLayer, toLayer, source }, place) {
    const { what, input, config: { numLayers } } = place;
    checkLayers([fromLayer], numLayers, "swap visual tokens from");
    const last = toLayer ?? numLayers - 1;
    checkLayers([last], numLayers, "swap visual tokens up to");
    if (last < fromLayer) {
      throw new RangeError(`Cannot swap visual tokens from layer ${fromLayer} to ${last}`);
    }
    checkKeys(source, SOURCE, `${what}, its source`);
    const visual = visualTokenIndices(input);
    if (visual.length === 0) refuse("the prompt has no image");
    const width = siteWidth("keysValues", place.config);
    checkSource(source, { numLayers, width });
    const places = new Map(visual.map((token, row) => [token, row]));
    const [{ start, count }] = input.imageTokens;
    return {
      site: "keysValues",
      layers: Array.from({ length: last + 1 - fromLayer }, (_, i) => fromLayer + i),
      tokens: tokenSet("image", input, place),
      // What is computed for the first image from here on is replaced before anyone reads it.
      firstNeeded: last === numLayers - 1 ? start + count : undefined,
      action: {
        type: "replace",
        source: (layer, part) => (part === "keys" ? source.keys : source.values)[layer],
        width,
        rows: visual.length,
        rowOf: (token) => places.get(token)!,
        measured: "first layer",
      },
    };
  },
};
