/**
 * The prompts of a batch through all layers. A stream is a prompt's hidden states; sibling rows
 * share one until the layer at which they differ, where a row gets a stream of its own: row l of a
 * sweep costs the layers above l only.
 *
 * @module
 */
import { visualTokenIndices, wants } from "./capture.ts";
import type { Decoder, Projected } from "./decoder.ts";
import { resampleTokens } from "./interventions.ts";
import type { KvCache } from "./kv_cache.ts";
import type { ModelInput } from "./model_input.ts";
import { attendPieces } from "./prefill_attention.ts";
import { type Rotations, rotationsAt } from "./rope.ts";
import type { PlannedRow } from "./row_plan.ts";

/** A prompt's hidden states on their way through the layers. */
export interface Stream {
  input: ModelInput;
  tokens: number;
  /** [tokens, hidden]. */
  hidden: Float32Array;
  rotations: Rotations;
  /** Rows that share the stream; one row once it has left its siblings. */
  rows: PlannedRow[];
  /** Index in the batch of the row that the stream belongs to alone, or null. */
  own: number | null;
  /** K and V so far in the current layer of a stream that is computed in several pieces. */
  keys?: { k: Float32Array; v: Float32Array };
}

/** Tokens [from, to) of a stream, standing at `at` in a packed chunk. */
export interface Piece {
  stream: Stream;
  from: number;
  to: number;
  at: number;
}

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

async function openStreams(decoder: Decoder, rows: PlannedRow[]): Promise<Stream[]> {
  const samples = Map.groupBy(rows, (row) => row.sample);
  const streams: Stream[] = [];
  for (const [, members] of [...samples].sort(([a], [b]) => a - b)) {
    const { input } = members[0];
    const { hiddenSize } = decoder.config;
    const hidden = await decoder.embed(input.ids);
    visualTokenIndices(input).forEach((token, i) =>
      hidden.set(
        input.imageEmbeddings!.subarray(i * hiddenSize, (i + 1) * hiddenSize),
        token * hiddenSize,
      )
    );
    streams.push({
      input,
      tokens: input.ids.length,
      hidden,
      rotations: rotationsAt(input.positions, decoder.config),
      rows: members,
      own: null,
    });
  }
  return streams;
}

/** Gives rows that differ from this layer on a stream of their own, next to their siblings'. */
function leaveSiblings(streams: Stream[], layer: number, indexOf: Map<PlannedRow, number>) {
  return streams.flatMap((stream) => {
    if (stream.own !== null) return [stream];
    const leaving = stream.rows.filter((row) => row.touch <= layer);
    const staying = stream.rows.filter((row) => row.touch > layer);
    const mine = leaving.map((row, i): Stream => ({
      ...stream,
      // The last to leave takes the array along.
      hidden: staying.length === 0 && i === leaving.length - 1
        ? stream.hidden
        : stream.hidden.slice(),
      rows: [row],
      own: indexOf.get(row)!,
    }));
    return staying.length > 0 ? [{ ...stream, rows: staying }, ...mine] : mine;
  });
}

function runHooks(streams: Stream[], layer: number) {
  for (const { own, rows: [row], hidden } of streams) {
    const { hook } = row.request;
    if (own === null || !hook?.layers.includes(layer)) continue;
    row.receipt.hookCalls++;
    row.receipt.tokensHooked += hook.apply({
      layer,
      row: row.index,
      phase: "prefill",
      firstToken: 0,
      hidden,
    });
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

/** Packs streams into chunks of at most `limit` tokens; only longer streams are cut. */
export function packChunks(streams: Stream[], limit: number): Piece[][] {
  const chunks: Piece[][] = [];
  let chunk: Piece[] = [];
  let size = 0;
  const close = () => {
    if (chunk.length > 0) chunks.push(chunk);
    chunk = [];
    size = 0;
  };
  for (const stream of streams) {
    if (size + stream.tokens > limit) close();
    for (let from = 0; from < stream.tokens; from += limit) {
      const to = Math.min(stream.tokens, from + limit);
      if (from > 0) close();
      chunk.push({ stream, from, to, at: size });
      size += to - from;
    }
  }
  close();
  return chunks;
}

function pack(pieces: Piece[], width: number, of: (stream: Stream) => Float32Array): Float32Array {
  if (pieces.length === 1) {
    const [{ stream, from, to }] = pieces;
    return of(stream).subarray(from * width, to * width);
  }
  const last = pieces[pieces.length - 1];
  const packed = new Float32Array((last.at + last.to - last.from) * width);
  for (const { stream, from, to, at } of pieces) {
    packed.set(of(stream).subarray(from * width, to * width), at * width);
  }
  return packed;
}

/** Replaces K and V of the visual tokens in a piece, in place. */
function swapVisualTokens({ stream, from, to, at }: Piece, layer: number, { k, v }: Projected) {
  const [row] = stream.rows;
  const swap = row.request.intervention?.swapVisualTokens;
  if (stream.own === null || !swap || layer < swap.fromLayer) return;
  const tokens = visualTokenIndices(stream.input);
  const width = swap.source.keys[layer].length / swap.source.tokens;
  const { receipt } = row;
  let change = 0;
  let touched = 0;
  for (const [target, source] of [[k, swap.source.keys], [v, swap.source.values]] as const) {
    const replacement = resampleTokens(source[layer], width, tokens.length);
    tokens.forEach((token, i) => {
      if (token < from || token >= to) return;
      touched++;
      const start = (at + token - from) * width;
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
  receipt.swapNorm = Math.sqrt(receipt.swapNorm ** 2 + change);
}

function storeKeys(pieces: Piece[], layer: number, { k, v }: Projected, cache: KvCache | null) {
  for (const { stream, from, to, at } of pieces) {
    const width = k.length / (pieces.at(-1)!.at + pieces.at(-1)!.to - pieces.at(-1)!.from);
    const part = {
      k: k.subarray(at * width, (at + to - from) * width),
      v: v.subarray(at * width, (at + to - from) * width),
      from,
    };
    const place = stream.own === null ? { sample: stream.rows[0].sample } : { row: stream.own };
    cache?.storePrompt(layer, place, part);
    if (to - from === stream.tokens) continue;
    stream.keys ??= {
      k: new Float32Array(stream.tokens * width),
      v: new Float32Array(stream.tokens * width),
    };
    stream.keys.k.set(part.k, from * width);
    stream.keys.v.set(part.v, from * width);
  }
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
  const { hiddenSize, headDim } = decoder.config;
  const x = pack(pieces, hiddenSize, (stream) => stream.hidden);
  const projected = await decoder.project(layer, x, {
    cos: pack(pieces, headDim / 2, (stream) => stream.rotations.cos),
    sin: pack(pieces, headDim / 2, (stream) => stream.rotations.sin),
  });
  for (const piece of pieces) swapVisualTokens(piece, layer, projected);
  storeKeys(pieces, layer, projected, cache);
  const attention = await attendPieces(decoder, { layer, pieces, projected });
  if (lastToken) {
    const ends = pieces.filter(({ stream, to }) => to === stream.tokens);
    if (ends.length === 0) return;
    const width = attention.length / (x.length / hiddenSize);
    const y = await decoder.finish(
      layer,
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
  const y = await decoder.finish(layer, x, attention);
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
  let streams = await openStreams(decoder, rows);
  for (let layer = 0; layer < numLayers; layer++) {
    streams = leaveSiblings(streams, layer, indexOf);
    runHooks(streams, layer);
    captureHidden(streams, layer);
    const active = streams.filter(({ own, rows: [row] }) => {
      if (own === null || !row.ablated.has(layer)) return true;
      row.receipt.zeroAblated.push(layer);
      row.receipt.callsLeftOut++;
      return false;
    });
    for (const pieces of packChunks(active, decoder.tokensPerCall)) {
      await runChunk(decoder, pieces, {
        layer,
        cache,
        lastToken: layer === numLayers - 1 && !allOutputs,
      });
      await checkpoint?.({ layer });
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
