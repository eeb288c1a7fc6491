/**
 * Attention over the packed pieces of a prefill chunk: neighbours of one length in one call, and
 * captures of K, V and attention mass on the way.
 *
 * @module
 */
import { concatenate } from "./concatenate.ts";
import { keyValueTokens, wants } from "./capture.ts";
import type { Decoder, Projected } from "./decoder.ts";
import type { Piece, Stream } from "./streams.ts";

/**
 * Scores that one call holds, over all rows and heads, if it holds more than one prompt's: 1 MB,
 * which stays in a core's cache. 16 prompts of 128 tokens in calls of 4 take 3/4 of the time of one
 * call.
 */
const SCORE_BUDGET = 262_144;

interface LayerPieces {
  layer: number;
  pieces: Piece[];
  projected: Projected;
}

/** Index after the last piece that can share a call with `pieces[first]`. */
function endOfRun(pieces: Piece[], first: number, layer: number, heads: number): number {
  const { stream: { start, tokens }, from, to } = pieces[first];
  const whole = ({ from, to, stream }: Piece) =>
    from === 0 && to === stream.tokens && stream.tokens === tokens && stream.start === start &&
    !wantsMass(stream, layer);
  if (from !== 0 || to !== tokens || !whole(pieces[first])) return first + 1;
  const most = Math.max(1, Math.floor(SCORE_BUDGET / (heads * tokens * (start + tokens))));
  let end = first + 1;
  while (end < pieces.length && end - first < most && whole(pieces[end])) end++;
  return end;
}

function wantsMass(stream: Stream, layer: number): boolean {
  return stream.rows.some((row) => wants(row.request.capture?.attention, layer));
}

/** Rows `tokens` of [T, width]. */
function takeRows(values: Float32Array, tokens: number[], width: number): Float32Array {
  const result = new Float32Array(tokens.length * width);
  tokens.forEach((token, i) =>
    result.set(values.subarray(token * width, (token + 1) * width), i * width)
  );
  return result;
}

function captureKeys({ stream }: Piece, layer: number, k: Float32Array, v: Float32Array) {
  for (const { request: { capture, input }, captured } of stream.rows) {
    if (!capture || !wants(capture.keysValues, layer)) continue;
    const tokens = keyValueTokens(capture, input);
    const width = k.length / stream.tokens;
    captured.keys.set(layer, takeRows(k, tokens, width));
    captured.values.set(layer, takeRows(v, tokens, width));
  }
}

/** Adds a piece's queries to the masses of the rows that want them. */
function captureMass(piece: Piece, layer: number, mass: Float32Array, heads: number) {
  const { stream, from, to } = piece;
  let column = 0;
  const masks = stream.rows.reduce(
    (sum, { request }) => sum + (request.capture?.attention?.masks.length ?? 0),
    0,
  );
  for (const { request, captured } of stream.rows) {
    const wanted = request.capture?.attention;
    if (!wanted) continue;
    const count = wanted.masks.length;
    if (wants(wanted, layer)) {
      const { queries } = wanted;
      const result = captured.attention.get(layer) ??
        new Float32Array(heads * queries.length * count);
      captured.attention.set(layer, result);
      queries.forEach((query, i) => {
        if (query < from || query >= to) return;
        for (let head = 0; head < heads; head++) {
          const start = (head * (to - from) + query - from) * masks + column;
          result.set(mass.subarray(start, start + count), (head * queries.length + i) * count);
        }
      });
    }
    column += count;
  }
}

/** [keys, masks] of all the masks that a stream's rows ask for. */
function tokenMasks(stream: Stream, keys: number): Float32Array {
  const masks = stream.rows.flatMap(({ request }) => request.capture?.attention?.masks ?? []);
  const result = new Float32Array(keys * masks.length);
  masks.forEach((mask, m) => {
    for (let key = 0; key < keys; key++) result[key * masks.length + m] = mask[key];
  });
  return result;
}

/**
 * Attention of a chunk.
 *
 * @returns [tokens of the chunk, heads * headDim].
 */
export async function attendPieces(
  decoder: Decoder,
  { layer, pieces, projected }: LayerPieces,
): Promise<Float32Array> {
  const { numHeads, numKvHeads, headDim } = decoder.config;
  const width = numHeads * headDim;
  const keyWidth = numKvHeads * headDim;
  const { q, k, v } = projected;
  const result = new Float32Array(q.length);
  for (let first = 0; first < pieces.length;) {
    const end = endOfRun(pieces, first, layer, numHeads);
    const piece = pieces[first];
    const { stream, from, to, at } = piece;
    const rows = end - first;
    const queries = to - from;
    const slice = (values: Float32Array, size: number) =>
      values.subarray(at * size, (at + rows * queries) * size);
    // What a chunk holds of whole prompts is all that they attend to.
    const whole = queries === stream.tokens && stream.start === 0;
    const seen = stream.start + to;
    const held = (kind: "k" | "v") =>
      rows === 1
        ? stream.keys![kind].subarray(0, seen * keyWidth)
        : concatenate(pieces.slice(first, end).map((piece) => piece.stream.keys![kind]));
    const args = {
      q: slice(q, width),
      k: whole ? slice(k, keyWidth) : held("k"),
      v: whole ? slice(v, keyWidth) : held("v"),
      rows,
      queries,
      keys: seen,
    };
    if (wantsMass(stream, layer)) {
      const { out, mass } = await decoder.attendWithMass(args, tokenMasks(stream, seen));
      result.set(out, at * width);
      captureMass(piece, layer, mass, numHeads);
    } else {
      result.set(await decoder.attend(args), at * width);
    }
    for (let i = first; i < end; i++) {
      if (pieces[i].to !== stream.tokens) continue;
      const own = pieces[i].at * keyWidth;
      captureKeys(
        pieces[i],
        layer,
        whole ? k.subarray(own, own + stream.tokens * keyWidth) : stream.keys!.k,
        whole ? v.subarray(own, own + stream.tokens * keyWidth) : stream.keys!.v,
      );
    }
    first = end;
  }
  return result;
}
