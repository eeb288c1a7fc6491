/**
 * Visual tokens' K and V replaced by another image's, at prefill.
 *
 * @module
 */
import { resampleTokens } from "./interventions.ts";
import type { KeysValues } from "./kv_cache.ts";
import type { Stream } from "./streams.ts";
import { cut, type Tensor, type Tensors, type View } from "./tensors.ts";

/** Replacements of one layer, by the array that they come from and their number of tokens. */
type Uploaded = Map<Float32Array, Map<number, { values: Float32Array; tensor: Tensor }>>;

/** Swaps of one layer of one forward pass; rows that take the same image share its tensors. */
export class TokenSwaps {
  readonly #tensors: Tensors;
  readonly #layer: number;
  readonly #uploaded: Uploaded = new Map();

  constructor(tensors: Tensors, layer: number) {
    this.#tensors = tensors;
    this.#layer = layer;
  }

  /**
   * K and V of tokens [from, to) of a stream's prompt with its visual tokens replaced, if its row
   * asks for it here; entered in the row's receipt.
   */
  async apply(
    stream: Stream,
    kv: KeysValues,
    { from, to }: { from: number; to: number },
  ): Promise<KeysValues> {
    const swap = stream.rows[0].request.intervention?.swapVisualTokens;
    const layer = this.#layer;
    if (stream.own === null || !swap || layer < swap.fromLayer) return kv;
    const { source, fromLayer } = swap;
    const { imageTokens } = stream.input;
    const count = imageTokens.reduce((sum, image) => sum + image.count, 0);
    const { receipt } = stream.rows[0];
    const result: KeysValues = { k: [], v: [] };
    let change = 0;
    let touched = 0;
    for (const [part, values] of [["k", source.keys], ["v", source.values]] as const) {
      const width = values[layer].length / source.tokens;
      const { values: replacement, tensor } = await this.#replacement(values[layer], width, count);
      const views = result[part];
      const old: View[] = [];
      const taken: [number, number][] = [];
      let at = from;
      let first = 0;
      for (const image of imageTokens) {
        const start = Math.max(from, image.start);
        const end = Math.min(to, image.start + image.count);
        if (start < end) {
          views.push(...cut(kv[part], at - from, start - from));
          const offset = first - image.start;
          views.push({ tensor, from: start + offset, to: end + offset });
          old.push(...cut(kv[part], start - from, end - from));
          taken.push([start + offset, end + offset]);
          touched += end - start;
          at = end;
        }
        first += image.count;
      }
      views.push(...cut(kv[part], at - from, to - from));
      if (layer === fromLayer && old.length > 0) {
        const before = await this.#tensors.read(await this.#tensors.join(old));
        let index = 0;
        for (const [start, end] of taken) {
          for (let i = start * width; i < end * width; i++) {
            change += (replacement[i] - before[index++]) ** 2;
          }
        }
      }
    }
    if (touched === 0) return result;
    if (receipt.swapped.at(-1) !== layer) receipt.swapped.push(layer);
    receipt.tokensSwapped = count;
    if (layer === fromLayer) receipt.swapNorm = Math.sqrt(receipt.swapNorm ** 2 + change);
    return result;
  }

  async #replacement(values: Float32Array, width: number, count: number) {
    const known = this.#uploaded.get(values)?.get(count);
    if (known) return known;
    const resampled = resampleTokens(values, width, count);
    const made = { values: resampled, tensor: await this.#tensors.upload(resampled, width) };
    const ofValues = this.#uploaded.get(values) ?? new Map();
    this.#uploaded.set(values, ofValues.set(count, made));
    return made;
  }
}
