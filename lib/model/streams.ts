/**
 * Prompts on their way through the layers. A stream is a prompt's hidden states; sibling rows share
 * one until the layer at which they differ, where a row gets a stream of its own.
 *
 * @module
 */
import { visualTokenIndices } from "./capture.ts";
import type { Decoder } from "./decoder.ts";
import type { ModelInput } from "./model_input.ts";
import { type Rotations, rotationsAt } from "./rope.ts";
import type { PlannedRow } from "./row_plan.ts";

/** A prompt's hidden states on their way through the layers. */
export interface Stream {
  input: ModelInput;
  /** First of the prompt's tokens that the stream computes; above 0 where `sibling` has the rest. */
  start: number;
  /** Tokens that it computes: from `start` to the prompt's end. */
  tokens: number;
  /** [tokens, hidden]. */
  hidden: Float32Array;
  rotations: Rotations;
  /** Rows that share the stream; one row once it has left its siblings. */
  rows: PlannedRow[];
  /** Index in the batch of the row that the stream belongs to alone, or null. */
  own: number | null;
  /** The unmodified prompt, whose K and V stand for the text before the image. */
  sibling: Stream | null;
  /** K and V of the prompt so far in the current layer, where others than its chunk need them. */
  keys?: { k: Float32Array; v: Float32Array };
  /** Whether siblings need its K and V. */
  lends: boolean;
}

/** Tokens [from, to) of a stream, standing at `at` in a packed chunk. */
export interface Piece {
  stream: Stream;
  from: number;
  to: number;
  at: number;
}

/** One stream a prompt, with its embeddings. */
export async function openStreams(decoder: Decoder, rows: PlannedRow[]): Promise<Stream[]> {
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
      start: 0,
      tokens: input.ids.length,
      hidden,
      rotations: rotationsAt(input.positions, decoder.config),
      rows: members,
      own: null,
      sibling: null,
      lends: false,
    });
  }
  return streams;
}

/** The layers that a stream runs. */
export function layersOf({ rows: [row] }: Stream) {
  return row.layers;
}

/**
 * First token that a row has to compute once its visual tokens are swapped: the text before the
 * image does not see the swap, and what is computed for the image is not seen by anyone.
 */
function firstChangedToken(row: PlannedRow, layer: number): number {
  const { input, ablated, request: { intervention, hook, capture } } = row;
  const swapsHere = intervention?.swapVisualTokens?.fromLayer === layer;
  if (!swapsHere || ablated.size > 0 || hook || capture) return 0;
  const [{ start, count }] = input.imageTokens;
  return start + count < input.ids.length ? start + count : 0;
}

function leave(stream: Stream, row: PlannedRow, { start, own, takes }: {
  start: number;
  own: number;
  /** Whether it takes the array of hidden states along. */
  takes: boolean;
}): Stream {
  const { tokens, hidden, rotations } = stream;
  const hiddenSize = hidden.length / tokens;
  const half = rotations.cos.length / tokens;
  if (start > 0) stream.lends = true;
  return {
    ...stream,
    start,
    tokens: tokens - start,
    hidden: takes ? hidden : hidden.slice(start * hiddenSize),
    rotations: start === 0 ? rotations : {
      cos: rotations.cos.subarray(start * half),
      sin: rotations.sin.subarray(start * half),
    },
    rows: [row],
    own,
    sibling: start > 0 ? stream : null,
    lends: false,
  };
}

/**
 * Gives rows that differ from this layer on a stream of their own, next to their siblings'.
 *
 * @param lastToken Whether of the last layer only each prompt's last token is wanted.
 */
export function leaveSiblings(
  streams: Stream[],
  layer: number,
  { indexOf, lastToken }: { indexOf: Map<PlannedRow, number>; lastToken: boolean },
): Stream[] {
  return streams.flatMap((stream) => {
    if (stream.own !== null) return [stream];
    const leaving = stream.rows.filter((row) => row.touch <= layer);
    if (leaving.length === 0) return [stream];
    stream.rows = stream.rows.filter((row) => row.touch > layer);
    // A sibling that stays to the end has the text before the image in every layer.
    const stays = stream.rows.some(({ request, touch, layers }) =>
      touch === layers.length && request.intervention?.swapVisualTokens === undefined
    );
    const own = leaving.map((row, i) =>
      leave(stream, row, {
        start: stays && lastToken ? firstChangedToken(row, layer) : 0,
        own: indexOf.get(row)!,
        // The last to leave takes the array along.
        takes: stream.rows.length === 0 && i === leaving.length - 1,
      })
    );
    return stream.rows.length > 0 ? [stream, ...own] : own;
  });
}

/** Packs streams into chunks of at most `limit` tokens; only longer streams are cut. */
export function packChunks(streams: readonly Stream[], limit: number): Piece[][] {
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

/** [tokens of the chunk, width] of what each stream holds as [tokens, width]. */
export function pack(
  pieces: readonly Piece[],
  width: number,
  of: (stream: Stream) => Float32Array,
): Float32Array {
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
