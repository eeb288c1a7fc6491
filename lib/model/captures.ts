/**
 * What can be read out of a row while it is computed.
 *
 * @module
 */
import { checkKeys, type KeysOf, showValue } from "../check_keys.ts";
import { concatenate } from "./tensors.ts";
import { type TokenChoice, type TokenSet, tokenSet } from "./edits/tokens.ts";
import { type EditPlace, type Part, type Site, SITES, type ValueSite } from "./edits/types.ts";
import { checkLayerList } from "./layer_list.ts";
import { Values } from "./values.ts";

export interface SiteCapture {
  /** Default: all. */
  layers?: readonly number[];
  /** Default "prompt". */
  tokens?: TokenChoice;
}

/** What to capture: values at the sites of edits, as they are after a row's own edits. */
export interface CaptureRequest extends Partial<Record<Site, SiteCapture>> {
  /**
   * Attention mass: for each layer and head, the probability that each query position of the prompt
   * gives to the tokens of each mask. Computed in the graph; no attention matrix leaves it.
   */
  attentionMass?: {
    /** Default: all. */
    layers?: readonly number[];
    /** Positions of the queries. */
    queries: readonly number[];
    /** [T] each; a nonzero entry counts the token, weighted by it. */
    masks: readonly ArrayLike<number>[];
  };
}

/**
 * What was captured, by layer: [chosen tokens, width] in the order of the sequence. A layer that was
 * left out has nothing but `residual` and `layer`.
 */
export interface Captured extends Record<ValueSite, Map<number, Values>> {
  /** [chosen tokens, kvHeads * headDim], rotated. */
  keys: Map<number, Values>;
  /** [chosen tokens, kvHeads * headDim]. */
  values: Map<number, Values>;
  /** [heads, queries, masks]. */
  attentionMass: Map<number, Values>;
}

type Mass = NonNullable<CaptureRequest["attentionMass"]>;

const CAPTURE = Object.fromEntries([...SITES, "attentionMass"].map((key) => [key, true] as const));
const SITE: KeysOf<SiteCapture> = { layers: true, tokens: true };
const MASS: KeysOf<Mass> = { layers: true, queries: true, masks: true };

function checkMass({ queries, masks }: Mass, { what, input }: EditPlace): void {
  const tokens = input.ids.length;
  for (const [field, list] of Object.entries({ queries, masks })) {
    if (Array.isArray(list)) continue;
    throw new TypeError(
      `Cannot use ${what}: attentionMass.${field} is ${showValue(list)}, not a list`,
    );
  }
  const bad = queries.find((q) => !Number.isInteger(q) || q < 0 || q >= tokens);
  if (bad !== undefined || queries.length === 0) {
    throw new RangeError(
      `Cannot capture attention from query ${bad}: positions 0 to ${tokens - 1} may be asked for`,
    );
  }
  const refuse = (why: string): never => {
    throw new Error(`Cannot capture attention: ${why}`);
  };
  if (masks.length === 0) refuse("there is no mask");
  for (const [number, mask] of masks.entries()) {
    const at = Array.from(mask).findIndex((weight) => !Number.isFinite(weight));
    if (at >= 0) refuse(`mask ${number} is ${mask[at]} at token ${at}`);
    if (mask.length === tokens) continue;
    refuse(`mask ${number} has ${mask.length} entries, the prompt ${tokens} tokens`);
  }
}

function append(map: Map<number, Values>, layer: number, data: Float32Array, width: number): void {
  const before = map.get(layer)?.data;
  const joined = before ? concatenate([before, data]) : data;
  map.set(layer, new Values(joined, [joined.length / width, width]));
}

export class RowCaptures {
  readonly captured: Captured = {
    residual: new Map(),
    heads: new Map(),
    attention: new Map(),
    mlp: new Map(),
    layer: new Map(),
    keys: new Map(),
    values: new Map(),
    attentionMass: new Map(),
  };
  /** Whether anything is. */
  readonly any: boolean;
  readonly #request: CaptureRequest;
  readonly #tokens = new Map<Site, TokenSet>();

  /** @throws {Error} naming the key, layer, token, query or mask at fault. */
  constructor(request: CaptureRequest | undefined, place: EditPlace) {
    this.#request = request ?? {};
    this.any = request !== undefined;
    if (request === undefined) return;
    const { what, input, config: { numLayers } } = place;
    if (!checkKeys(request, CAPTURE, what)) {
      throw new Error(`Cannot use ${what}: it names nothing to capture`);
    }
    const checkLayersOf = (name: keyof CaptureRequest) => {
      const { layers } = request[name]!;
      if (layers === undefined) return;
      checkLayerList(layers, numLayers, { field: `${name}.layers`, what: `capture ${name} of` });
    };
    for (const site of SITES) {
      const part = request[site];
      if (part === undefined) continue;
      checkKeys(part, SITE, `${what}, ${site}`);
      checkLayersOf(site);
      const whose = { ...place, what: `${what}, ${site}` };
      this.#tokens.set(site, tokenSet(part.tokens ?? "prompt", input, whose));
    }
    if (request.attentionMass === undefined) return;
    checkKeys(request.attentionMass, MASS, `${what}, attentionMass`);
    checkLayersOf("attentionMass");
    checkMass(request.attentionMass, place);
  }

  /** The tokens that are captured at a site of a layer. */
  at(site: Site, layer: number): TokenSet | undefined {
    const tokens = this.#tokens.get(site);
    return tokens && (this.#request[site]?.layers?.includes(layer) ?? true) ? tokens : undefined;
  }

  massAt(layer: number): Mass | undefined {
    const mass = this.#request.attentionMass;
    return mass?.layers?.includes(layer) ?? true ? mass : undefined;
  }

  /** Adds values [tokens, width] of the next tokens. */
  add(site: Site, part: Part, { layer, data, width }: {
    layer: number;
    data: Float32Array;
    width: number;
  }): void {
    append(this.captured[site === "keysValues" ? part! : site], layer, data, width);
  }
}
