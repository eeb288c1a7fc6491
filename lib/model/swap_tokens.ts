/**
 * Visual tokens' K and V replaced by another image's, at prefill.
 *
 * @module
 */
import { visualTokenIndices } from "./capture.ts";
import type { Projected } from "./decoder.ts";
import { resampleTokens } from "./interventions.ts";
import type { Piece, Stream } from "./streams.ts";

/** K and V, [tokens, width] each. */
export interface KeysValues {
  k: Float32Array;
  v: Float32Array;
}

/** Tokens `from` to `to` of a prompt, whose K and V stand at `at` and after. */
interface Span {
  from: number;
  to: number;
  at: number;
}

/** Replaces the visual tokens of a span in place and enters it in the row's receipt. */
function replace({ input, rows: [row] }: Stream, layer: number, { k, v }: KeysValues, span: Span) {
  const { fromLayer, source } = row.request.intervention!.swapVisualTokens!;
  const { receipt } = row;
  const tokens = visualTokenIndices(input);
  const width = source.keys[layer].length / source.tokens;
  let change = 0;
  let touched = 0;
  for (const [target, values] of [[k, source.keys], [v, source.values]] as const) {
    const replacement = resampleTokens(values[layer], width, tokens.length);
    tokens.forEach((token, i) => {
      if (token < span.from || token >= span.to) return;
      touched++;
      const start = (span.at + token - span.from) * width;
      for (let j = 0; j < width; j++) {
        const value = replacement[i * width + j];
        change += (value - target[start + j]) ** 2;
        target[start + j] = value;
      }
    });
  }
  if (touched === 0) return;
  if (receipt.swapped.at(-1) !== layer) receipt.swapped.push(layer);
  receipt.tokensSwapped = tokens.length;
  if (layer === fromLayer) receipt.swapNorm = Math.sqrt(receipt.swapNorm ** 2 + change);
}

/** Replaces K and V of the visual tokens in a piece, in place, if its row asks for it here. */
export function swapVisualTokens({ stream, from, to, at }: Piece, layer: number, kv: Projected) {
  const swap = stream.rows[0].request.intervention?.swapVisualTokens;
  if (stream.own === null || !swap || layer < swap.fromLayer) return;
  const { start } = stream;
  replace(stream, layer, kv, { from: start + from, to: start + to, at });
}

/**
 * K and V of the tokens that a stream does not compute: its lender's, with the visual tokens
 * replaced where its row asks for it.
 *
 * @returns [start, width] each.
 */
export function borrowedKeys(stream: Stream, layer: number, width: number): KeysValues {
  const { k, v } = stream.lender!.keys!;
  const end = stream.start * width;
  const borrowed = { k: k.slice(0, end), v: v.slice(0, end) };
  const swap = stream.rows[0].request.intervention?.swapVisualTokens;
  if (stream.own !== null && swap && layer >= swap.fromLayer) {
    replace(stream, layer, borrowed, { from: 0, to: stream.start, at: 0 });
  }
  return borrowed;
}
