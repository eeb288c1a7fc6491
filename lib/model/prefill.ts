/**
 * The prompts of a batch through all layers. Sibling rows share a stream until the layer at which
 * they differ: row l of a sweep costs the layers above l only, and, where its visual tokens are
 * swapped, only the text after them.
 *
 * @module
 */
import { wants } from "./capture.ts";
import type { Decoder, Projected } from "./decoder.ts";
import { runHook } from "./interventions.ts";
import type { KvCache } from "./kv_cache.ts";
import { attendPieces } from "./prefill_attention.ts";
import type { PlannedRow } from "./row_plan.ts";
import {
  layersOf,
  leaveSiblings,
  openStreams,
  pack,
  packChunks,
  type Piece,
  type Stream,
} from "./streams.ts";
import { borrowedKeys, swapVisualTokens } from "./swap_tokens.ts";

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

function runHooks(streams: Stream[], layer: number) {
  for (const { own, rows: [row], hidden, tokens } of streams) {
    if (own !== null) runHook(row, { layer, phase: "prefill", firstToken: 0, hidden }, tokens);
  }
}

/** Keeps hidden states of rows that ask for them; layer numLayers is the last layer's output. */
function captureHidden(streams: Stream[], layer: number) {
  for (const { rows, hidden } of streams) {
    for (const { request, captured } of rows) {
      if (wants(request.capture?.hidden, layer)) captured.hidden.set(layer, hidden.slice());
    }
  }
}

/** Puts K and V of a piece where later tokens find them: the cache, and the stream itself. */
function storeKeys(piece: Piece, layer: number, kv: Projected, place: StorePlace) {
  const { stream, from, to, at } = piece;
  const { start, tokens } = stream;
  const { cache, width } = place;
  const part = {
    k: kv.k.subarray(at * width, (at + to - from) * width),
    v: kv.v.subarray(at * width, (at + to - from) * width),
  };
  const owner = stream.own === null ? { sample: stream.rows[0].sample } : { row: stream.own };
  const whole = to - from === tokens;
  if (!whole || start > 0) {
    const size = (start + tokens) * width;
    stream.keys ??= { k: new Float32Array(size), v: new Float32Array(size) };
  } else if (stream.lends) {
    stream.keys = part;
  }
  if (start > 0 && from === 0) {
    const borrowed = borrowedKeys(stream, layer, width);
    cache?.storePrompt(layer, owner, { ...borrowed, from: 0 });
    stream.keys!.k.set(borrowed.k);
    stream.keys!.v.set(borrowed.v);
  }
  cache?.storePrompt(layer, owner, { ...part, from: start + from });
  if (whole && start === 0) return;
  stream.keys!.k.set(part.k, (start + from) * width);
  stream.keys!.v.set(part.v, (start + from) * width);
}

interface StorePlace {
  cache: KvCache | null;
  /** Numbers of K, or V, a token. */
  width: number;
}

/** The last tokens of prompts that end in a chunk, of [tokens of the chunk, width]. */
function lastTokens(ends: Piece[], values: Float32Array, width: number): Float32Array {
  const result = new Float32Array(ends.length * width);
  ends.forEach(({ from, to, at }, i) => {
    const end = (at + to - from) * width;
    result.set(values.subarray(end - width, end), i * width);
  });
  return result;
}

async function runChunk(
  decoder: Decoder,
  pieces: Piece[],
  { layer, cache, lastToken }: { layer: number; cache: KvCache | null; lastToken: boolean },
) {
  const { hiddenSize, headDim, numKvHeads } = decoder.config;
  const weights = layersOf(pieces[0].stream)[layer];
  const x = pack(pieces, hiddenSize, (stream) => stream.hidden);
  const projected = await decoder.project(weights, x, {
    cos: pack(pieces, headDim / 2, (stream) => stream.rotations.cos),
    sin: pack(pieces, headDim / 2, (stream) => stream.rotations.sin),
  });
  for (const piece of pieces) {
    swapVisualTokens(piece, layer, projected);
    storeKeys(piece, layer, projected, { cache, width: numKvHeads * headDim });
  }
  const attention = await attendPieces(decoder, { layer, pieces, projected });
  if (lastToken) {
    const ends = pieces.filter(({ stream, to }) => to === stream.tokens);
    if (ends.length === 0) return;
    const width = attention.length / (x.length / hiddenSize);
    const y = await decoder.finish(
      weights,
      lastTokens(ends, x, hiddenSize),
      lastTokens(ends, attention, width),
    );
    ends.forEach(({ stream }, i) =>
      stream.hidden.set(
        y.subarray(i * hiddenSize, (i + 1) * hiddenSize),
        stream.hidden.length - hiddenSize,
      )
    );
    return;
  }
  const y = await decoder.finish(weights, x, attention);
  for (const { stream, from, to, at } of pieces) {
    stream.hidden.set(
      y.subarray(at * hiddenSize, (at + to - from) * hiddenSize),
      from * hiddenSize,
    );
  }
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
  rows: PlannedRow[],
  { cache, lastToken = false, checkpoint }: PrefillOptions,
): Promise<Stream[]> {
  const indexOf = new Map(rows.map((row, i) => [row, i]));
  const { numLayers } = decoder.config;
  const allOutputs = !lastToken ||
    rows.some(({ request }) => wants(request.capture?.hidden, numLayers));
  let streams = await openStreams(decoder, rows, { lastToken: !allOutputs });
  for (let layer = 0; layer < numLayers; layer++) {
    streams = leaveSiblings(streams, layer, { indexOf, lastToken: !allOutputs });
    runHooks(streams, layer);
    captureHidden(streams, layer);
    const active = streams.filter(({ own, rows: [row] }) => {
      if (own === null || !row.ablated.has(layer)) return true;
      row.receipt.zeroAblated.push(layer);
      row.receipt.callsLeftOut++;
      return false;
    });
    // Lenders stand before those who borrow from them, here and in the chunks.
    for (const ofLayer of Map.groupBy(active, (stream) => layersOf(stream)[layer]).values()) {
      for (const pieces of packChunks(ofLayer, decoder.tokensPerCall)) {
        await runChunk(decoder, pieces, {
          layer,
          cache,
          lastToken: layer === numLayers - 1 && !allOutputs,
        });
        await checkpoint?.({ layer });
      }
    }
    for (const stream of active) delete stream.keys;
  }
  captureHidden(streams, numLayers);
  const result = new Array<Stream>(rows.length);
  for (const stream of streams) {
    for (const row of stream.rows) result[indexOf.get(row)!] = stream;
  }
  return result;
}
