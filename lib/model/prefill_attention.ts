/**
 * Attention over the packed pieces of a prefill chunk: neighbours of one length in one call, and
 * cuts and captures of attention mass on the way.
 *
 * @module
 */
import { MASKED } from "./attention_graphs.ts";
import type { Decoder } from "./decoder.ts";
import { cutQuery, cutsOf } from "./edits/row_edits.ts";
import type { Piece, Stream } from "./streams.ts";
import { cut, type Tensor, type Tensors, type View, whole } from "./tensors.ts";
import { Values } from "./values.ts";

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
    !isSpecial(stream, layer);
  if (from !== 0 || to !== tokens || !whole(pieces[first])) return first + 1;
  const most = Math.max(1, Math.floor(scoreBudget / (heads * tokens * (start + tokens))));
  let end = first + 1;
  while (end < pieces.length && end - first < most && whole(pieces[end])) end++;
  return end;
}

/** Whether a stream's probabilities are looked at or changed, so that it attends alone. */
function isSpecial({ own, rows }: Stream, layer: number): boolean {
  return rows.some(({ captures }) => captures.massAt(layer)) ||
    own !== null && cutsOf(rows[0], layer).length > 0;
}

/** Adds a piece's queries to the masses of the rows that want them; mass [heads, queries, masks]. */
function captureMass(
  { stream, from, to }: Piece,
  layer: number,
  { mass, heads }: { mass: Float32Array; heads: number },
) {
  const wanted = massesOf(stream, layer);
  const columns = wanted.reduce((sum, { masks }) => sum + masks.length, 0);
  let column = 0;
  for (const { queries, masks, captured } of wanted) {
    const count = masks.length;
    const result = captured.get(layer) ??
      new Values(new Float32Array(heads * queries.length * count), [heads, queries.length, count]);
    captured.set(layer, result);
    queries.forEach((query, i) => {
      if (query < from || query >= to) return;
      for (let head = 0; head < heads; head++) {
        const start = (head * (to - from) + query - from) * columns + column;
        result.data.set(mass.subarray(start, start + count), (head * queries.length + i) * count);
      }
    });
    column += count;
  }
}

function massesOf(stream: Stream, layer: number) {
  return stream.rows.flatMap(({ captures }) => {
    const mass = captures.massAt(layer);
    return mass ? [{ ...mass, captured: captures.captured.attentionMass }] : [];
  });
}

/** [keys, masks] of all the masks that a stream's rows ask for; one of zeros if none does. */
function tokenMasks(stream: Stream, layer: number, keys: number): Float32Array {
  const masks = massesOf(stream, layer).flatMap(({ masks }) => masks);
  const result = new Float32Array(keys * Math.max(1, masks.length));
  masks.forEach((mask, m) => {
    for (let key = 0; key < keys; key++) result[key * masks.length + m] = mask[key];
  });
  return result;
}

/** What is added to the scores [heads, queries, keys] of a piece; null where nothing is cut. */
function cutScores(
  { stream, from, to }: Piece,
  { layer, heads, keys }: { layer: number; heads: number; keys: number },
): Float32Array | null {
  const queries = to - from;
  const scores = new Float32Array(heads * queries * keys);
  let any = false;
  for (let query = 0; query < queries; query++) {
    const token = stream.start + from + query;
    for (let head = 0; head < heads; head++) {
      scores.fill(
        MASKED,
        (head * queries + query) * keys + token + 1,
        (head * queries + query + 1) * keys,
      );
    }
    any = cutQuery(stream.rows[0], {
      layer,
      token,
      heads,
      cut: (head, key) => scores[(head * queries + query) * keys + key] = MASKED,
    }) || any;
  }
  return any ? scores : null;
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
  const { attention, backend: { scoreBudget }, config: { numHeads } } = decoder;
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
    if (isSpecial(stream, layer)) {
      const place = { layer, heads: numHeads, keys };
      const { out, mass } = await attention.attendWithMass(
        args,
        tokenMasks(stream, layer, keys),
        stream.own === null ? null : cutScores(run[0], place),
      );
      parts.push(whole(out));
      captureMass(run[0], layer, { mass, heads: numHeads });
    } else {
      parts.push(whole(await attention.attend(args, tensors)));
    }
    first = end;
  }
  return await tensors.join(parts);
}
