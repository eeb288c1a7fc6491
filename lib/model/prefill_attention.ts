/**
 * Attention over the packed pieces of a prefill chunk: neighbours of one length in one call, and
 * captures of K, V and attention mass on the way.
 *
 * @module
 */
import { keyValueTokens, wants } from "./capture.ts";
import type { Decoder } from "./decoder.ts";
import type { Piece, Stream } from "./streams.ts";
import { cut, type Tensor, type Tensors, type View, whole } from "./tensors.ts";

interface LayerPieces {
  layer: number;
  pieces: Piece[];
  /** Queries of the chunk. */
  q: Tensor;
}

/** Index after the last piece that can share a call with `pieces[first]`. */
function endOfRun(
  pieces: Piece[],
  first: number,
  { layer, heads, scoreBudget }: { layer: number; heads: number; scoreBudget: number },
): number {
  const { stream: { start, tokens }, from, to } = pieces[first];
  const whole = ({ from, to, stream }: Piece) =>
    from === 0 && to === stream.tokens && stream.tokens === tokens && stream.start === start &&
    !wantsMass(stream, layer);
  if (from !== 0 || to !== tokens || !whole(pieces[first])) return first + 1;
  const most = Math.max(1, Math.floor(scoreBudget / (heads * tokens * (start + tokens))));
  let end = first + 1;
  while (end < pieces.length && end - first < most && whole(pieces[end])) end++;
  return end;
}

function wantsMass(stream: Stream, layer: number): boolean {
  return stream.rows.some((row) => wants(row.request.capture?.attention, layer));
}

async function captureKeys(tensors: Tensors, { stream }: Piece, layer: number) {
  for (const { request: { capture, input }, captured } of stream.rows) {
    if (!capture || !wants(capture.keysValues, layer)) continue;
    const tokens = keyValueTokens(capture, input);
    const take = async (views: View[]) => {
      const chosen = await tensors.join(tokens.flatMap((token) => cut(views, token, token + 1)));
      return (await tensors.read(chosen)).slice();
    };
    captured.keys.set(layer, await take(stream.keys!.k));
    captured.values.set(layer, await take(stream.keys!.v));
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
 * Attention of a chunk, over the K and V that its streams hold.
 *
 * @returns [tokens of the chunk, heads * headDim].
 */
export async function attendPieces(
  decoder: Decoder,
  tensors: Tensors,
  { layer, pieces, q }: LayerPieces,
): Promise<Tensor> {
  const { attention, config: { numHeads } } = decoder;
  const { scoreBudget } = attention;
  const parts: View[] = [];
  for (let first = 0; first < pieces.length;) {
    const end = endOfRun(pieces, first, { layer, heads: numHeads, scoreBudget });
    const run = pieces.slice(first, end);
    const { stream, from, to, at } = run[0];
    const queries = to - from;
    const keys = stream.start + to;
    const held = (part: "k" | "v") =>
      tensors.join(run.flatMap(({ stream }) => cut(stream.keys![part], 0, keys)));
    const args = {
      q: await tensors.join([{ tensor: q, from: at, to: at + run.length * queries }]),
      k: await held("k"),
      v: await held("v"),
      rows: run.length,
      queries,
      keys,
    };
    if (wantsMass(stream, layer)) {
      const { out, mass } = await attention.attendWithMass(args, tokenMasks(stream, keys));
      parts.push(whole(out));
      captureMass(run[0], layer, mass, numHeads);
    } else {
      parts.push(whole(await attention.attend(args)));
    }
    for (const piece of run) {
      if (piece.to === piece.stream.tokens) await captureKeys(tensors, piece, layer);
    }
    first = end;
  }
  return await tensors.join(parts);
}
