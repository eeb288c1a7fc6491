/**
 * The prompts of a batch through all layers. Sibling rows share a stream until the layer at which
 * they differ: row l of a sweep costs the layers above l only, and, where its visual tokens are
 * swapped, only the text after them.
 *
 * @module
 */
import { wants } from "./capture.ts";
import type { Decoder } from "./decoder.ts";
import { runHook } from "./interventions.ts";
import type { KvCache } from "./kv_cache.ts";
import { attendPieces } from "./prefill_attention.ts";
import type { PlannedRow } from "./row_plan.ts";
import {
  layersOf,
  leaveSiblings,
  openStreams,
  packChunks,
  packHidden,
  packRotations,
  type Piece,
  type Stream,
} from "./streams.ts";
import { TokenSwaps } from "./swap_tokens.ts";
import { cut, type Tensor, type Tensors, whole } from "./tensors.ts";

/** Options of {@linkcode prefill}. */
export interface PrefillOptions {
  /** Where K and V go; null keeps none. */
  cache: KvCache | null;
  /**
   * Whether of the last layer's output only each prompt's last token is wanted, default false; the
   * others' hidden states are then left as they were before it.
   */
  lastToken?: boolean;
  /** Called between calls of the runtime; throws to stop. */
  checkpoint?: (progress: { layer: number }) => void | Promise<void>;
}

async function runHooks(tensors: Tensors, streams: Stream[], layer: number) {
  for (const stream of streams) {
    const { own, rows: [row], tokens } = stream;
    if (own === null || !row.request.hook?.layers.includes(layer)) continue;
    const joined = await tensors.join(stream.hidden);
    // Others may share what the hook changes in place.
    const hidden = (await tensors.read(joined)).slice();
    runHook(row, { layer, phase: "prefill", firstToken: 0, hidden }, tokens);
    stream.hidden = [whole(await tensors.upload(hidden, joined.dims[1]))];
  }
}

/** Keeps hidden states of rows that ask for them; layer numLayers is the last layer's output. */
async function captureHidden(tensors: Tensors, streams: Stream[], layer: number) {
  for (const { rows, hidden } of streams) {
    for (const { request, captured } of rows) {
      if (!wants(request.capture?.hidden, layer)) continue;
      captured.hidden.set(layer, (await tensors.read(await tensors.join(hidden))).slice());
    }
  }
}

/** Puts K and V of a piece where later tokens find them: the cache, and the stream itself. */
async function storeKeys(
  { stream, from, to, at }: Piece,
  { k, v }: { k: Tensor; v: Tensor },
  { layer, cache, swaps }: LayerPlace,
) {
  const { start } = stream;
  const owner = stream.own === null ? { sample: stream.rows[0].sample } : { row: stream.own };
  stream.keys ??= { k: [], v: [] };
  const store = async (tokens: { from: number; to: number }, kv: typeof stream.keys) => {
    const part = await swaps.apply(stream, kv, tokens);
    cache?.storePrompt(layer, owner, { ...part, from: tokens.from });
    stream.keys!.k.push(...part.k);
    stream.keys!.v.push(...part.v);
  };
  if (start > 0 && from === 0) {
    const lent = stream.lender!.keys!;
    await store({ from: 0, to: start }, { k: cut(lent.k, 0, start), v: cut(lent.v, 0, start) });
  }
  const rows = { from: at, to: at + to - from };
  await store({ from: start + from, to: start + to }, {
    k: [{ tensor: k, ...rows }],
    v: [{ tensor: v, ...rows }],
  });
}

interface LayerPlace {
  layer: number;
  cache: KvCache | null;
  swaps: TokenSwaps;
}

async function runChunk(
  decoder: Decoder,
  tensors: Tensors,
  pieces: Piece[],
  { lastToken, ...place }: LayerPlace & { lastToken: boolean },
) {
  const { layer } = place;
  const weights = layersOf(pieces[0].stream)[layer];
  const x = await tensors.join(packHidden(pieces));
  const projected = await decoder.project(weights, x, packRotations(pieces));
  for (const piece of pieces) await storeKeys(piece, projected, place);
  const attention = await attendPieces(decoder, tensors, { layer, pieces, q: projected.q });
  if (!lastToken) {
    const y = await decoder.finish(weights, x, attention);
    for (const { stream, from, to, at } of pieces) {
      stream.hidden = [
        ...cut(stream.hidden, 0, from),
        { tensor: y, from: at, to: at + to - from },
        ...cut(stream.hidden, to, stream.tokens),
      ];
    }
    return;
  }
  const ends = pieces.filter(({ stream, to }) => to === stream.tokens);
  if (ends.length === 0) return;
  const lastOf = (tensor: Tensor) =>
    tensors.join(
      ends.map(({ from, to, at }) => ({ tensor, from: at + to - from - 1, to: at + to - from })),
    );
  const y = await decoder.finish(weights, await lastOf(x), await lastOf(attention));
  ends.forEach(({ stream }, i) => stream.hidden = [{ tensor: y, from: i, to: i + 1 }]);
}

/**
 * Runs the prompts of a batch through all layers.
 *
 * @param rows As `planRows` orders them.
 * @returns Each row's stream after the last layer, in the order of `rows`; siblings that never
 * differ share one.
 */
export async function prefill(
  decoder: Decoder,
  tensors: Tensors,
  rows: PlannedRow[],
  { cache, lastToken = false, checkpoint }: PrefillOptions,
): Promise<Stream[]> {
  const indexOf = new Map(rows.map((row, i) => [row, i]));
  const { numLayers } = decoder.config;
  const allOutputs = !lastToken ||
    rows.some(({ request }) => wants(request.capture?.hidden, numLayers));
  let streams = await openStreams(decoder, tensors, rows, { lastToken: !allOutputs });
  for (let layer = 0; layer < numLayers; layer++) {
    streams = leaveSiblings(streams, layer, { indexOf, lastToken: !allOutputs });
    await runHooks(tensors, streams, layer);
    await captureHidden(tensors, streams, layer);
    const swaps = new TokenSwaps(tensors, layer);
    const active = streams.filter(({ own, rows: [row] }) => {
      if (own === null || !row.ablated.has(layer)) return true;
      row.receipt.zeroAblated.push(layer);
      row.receipt.callsLeftOut++;
      return false;
    });
    // Lenders stand before those who borrow from them, here and in the chunks.
    for (const ofLayer of Map.groupBy(active, (stream) => layersOf(stream)[layer]).values()) {
      for (const pieces of packChunks(ofLayer, decoder.tokensPerCall)) {
        await runChunk(decoder, tensors, pieces, {
          layer,
          cache,
          swaps,
          lastToken: layer === numLayers - 1 && !allOutputs,
        });
        await checkpoint?.({ layer });
      }
    }
    for (const stream of active) delete stream.keys;
    await cache?.finishPrompts(layer);
    tensors.free(streams.flatMap(({ hidden }) => hidden.map(({ tensor }) => tensor)));
  }
  await captureHidden(tensors, streams, numLayers);
  const result = new Array<Stream>(rows.length);
  for (const stream of streams) {
    for (const row of stream.rows) result[indexOf.get(row)!] = stream;
  }
  return result;
}
