/**
 * Prompts on their way through the layers. A stream is a prompt's hidden states; sibling rows share
 * one until the layer at which they differ, where a row gets a stream of its own.
 *
 * @module
 */
import { visualTokenIndices } from "./capture.ts";
import { concatenate } from "./concatenate.ts";
import type { Decoder } from "./decoder.ts";
import type { KeysValues } from "./kv_cache.ts";
import type { ModelInput } from "./model_input.ts";
import { type Rotations, rotationsAt } from "./rope.ts";
import type { PlannedRow } from "./row_plan.ts";
import { cut, rowsOf, type Tensors, type View, whole } from "./tensors.ts";

/** A prompt's hidden states on their way through the layers. */
export interface Stream {
  input: ModelInput;
  /** First of the prompt's tokens that the stream computes; above 0 where `lender` has the rest. */
  start: number;
  /** Tokens that it computes: from `start` to the prompt's end. */
  tokens: number;
  /** [tokens, hidden]; after the last layer, where no more is wanted, of the last token only. */
  hidden: View[];
  rotations: Rotations;
  /** Rows that share the stream; one row once it has left its siblings. */
  rows: PlannedRow[];
  /** Index in the batch of the row that the stream belongs to alone, or null. */
  own: number | null;
  /** Comes before it in every layer and has K and V of the tokens before `start`. */
  lender: Stream | null;
  /** K and V of the prompt so far in the current layer. */
  keys?: KeysValues;
}

/** Tokens [from, to) of a stream, standing at `at` in a packed chunk. */
export interface Piece {
  stream: Stream;
  from: number;
  to: number;
  at: number;
}

/** Whether what is computed of a row's first tokens is the same for every row that is done alike. */
function isPlain({ request: { intervention, hook, capture } }: PlannedRow): boolean {
  return intervention?.swapVisualTokens === undefined && !hook && !capture;
}

/**
 * Lets prompts begin where the first ones of the batch have computed the same tokens: system prompts
 * and instructions are the same in all of them.
 *
 * @returns The streams, those that lend first.
 */
function borrowPrefixes(streams: readonly Stream[]): Stream[] {
  const last = ({ rows }: Stream) => Math.max(...rows.map(({ touch }) => touch));
  const lenders: Stream[] = [];
  const others: Stream[] = [];
  // A stream ends when its last row has left it: the longest lend.
  for (const stream of streams.toSorted((a, b) => last(b) - last(a))) {
    const best = stream.rows.every(isPlain)
      ? bestLender(stream, lenders)
      : { lender: undefined, start: 0 };
    if (best.lender) {
      others.push({ ...from(stream, best.start), lender: best.lender });
    } else if (lenders.length < MOST_LENDERS && stream.rows.every(isPlain)) {
      lenders.push(stream);
    } else {
      others.push(stream);
    }
  }
  return [...lenders, ...others];
}

/** Prompts that others may borrow from. */
const MOST_LENDERS = 8;
/** Prefixes are cut to multiples of so many tokens, so that prompts of one length stay alike. */
const PREFIX_STEP = 16;

function bestLender(stream: Stream, lenders: readonly Stream[]) {
  let best: { lender: Stream | undefined; start: number } = { lender: undefined, start: 0 };
  for (const lender of lenders) {
    const start = Math.floor(commonPrefix(stream.input, lender.input) / PREFIX_STEP) * PREFIX_STEP;
    if (start > best.start) best = { lender, start };
  }
  return best;
}

/** Leading text tokens that two prompts share, less the last one. */
function commonPrefix(a: ModelInput, b: ModelInput): number {
  const end = Math.min(
    a.ids.length - 1,
    b.ids.length - 1,
    a.imageTokens[0]?.start ?? Infinity,
    b.imageTokens[0]?.start ?? Infinity,
  );
  let at = 0;
  // Text stands at its own index in all three axes of position.
  while (at < end && a.ids[at] === b.ids[at]) at++;
  return at;
}

/** The stream without its tokens before `start`, which is not before its own start. */
function from(stream: Stream, start: number): Stream {
  const skipped = start - stream.start;
  const { cos, sin } = stream.rotations;
  const half = cos.length / stream.tokens;
  return {
    ...stream,
    start,
    tokens: stream.tokens - skipped,
    hidden: cut(stream.hidden, skipped, stream.tokens),
    rotations: { cos: cos.subarray(skipped * half), sin: sin.subarray(skipped * half) },
  };
}

/** One stream a prompt, with its embeddings; where the last token is enough, prefixes are shared. */
export async function openStreams(
  decoder: Decoder,
  tensors: Tensors,
  rows: PlannedRow[],
  { lastToken }: { lastToken: boolean },
): Promise<Stream[]> {
  const samples = Map.groupBy(rows, (row) => row.sample);
  const streams: Stream[] = [];
  const { hiddenSize } = decoder.config;
  for (const [, members] of [...samples].sort(([a], [b]) => a - b)) {
    const { input } = members[0];
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
      hidden: [whole(await tensors.upload(hidden, hiddenSize))],
      rotations: rotationsAt(input.positions, decoder.config),
      rows: members,
      own: null,
      lender: null,
    });
  }
  return lastToken ? borrowPrefixes(streams) : streams;
}

/** The layers that a stream runs. */
export function layersOf({ rows: [row] }: Stream) {
  return row.layers;
}

/**
 * First token that a row has to compute once its visual tokens are swapped: the text before the
 * image does not see the swap, and what is computed for the image is not seen by anyone.
 */
function firstChangedToken(
  row: PlannedRow,
  { layer, staying }: { layer: number; staying: PlannedRow },
): number {
  const { input, ablated, request: { intervention, hook, capture } } = row;
  const swapsHere = intervention?.swapVisualTokens?.fromLayer === layer;
  const sameModel = row.layers.every((weights, i) => weights === staying.layers[i]);
  if (!swapsHere || !sameModel || ablated.size > 0 || hook || capture) return 0;
  const [{ start, count }] = input.imageTokens;
  return start + count < input.ids.length ? start + count : 0;
}

/** Streams that left a lender, by what is done to their rows: they lend to those that do the same. */
type Leavers = Map<Stream, { row: PlannedRow; stream: Stream }[]>;

function doneAlike(a: PlannedRow, b: PlannedRow): boolean {
  return a.layers === b.layers && a.ablated.size === b.ablated.size &&
    [...a.ablated].every((layer) => b.ablated.has(layer));
}

/** Takes one row out of a stream. */
function leave(stream: Stream, row: PlannedRow, { layer, own, leavers, staying }: {
  layer: number;
  own: number;
  leavers: Leavers;
  /** An unmodified row, if one is there: the stream then goes on to the last layer. */
  staying: PlannedRow | undefined;
}): Stream {
  const changed = staying ? firstChangedToken(row, { layer, staying }) : 0;
  const alone = { rows: [row], own };
  if (changed > 0) return { ...from(stream, changed), ...alone, lender: stream };
  const { lender } = stream;
  if (!lender) return { ...stream, ...alone };
  const alike = leavers.get(lender)?.find((known) => doneAlike(known.row, row));
  if (alike) return { ...stream, ...alone, lender: alike.stream };
  // Its first tokens are still the lender's.
  const { input, start } = stream;
  const hidden = [...cut(lender.hidden, 0, start), ...stream.hidden];
  const rotations = joinRotations(lender, stream);
  return {
    ...stream,
    ...alone,
    start: 0,
    tokens: input.ids.length,
    hidden,
    rotations,
    lender: null,
  };
}

function joinRotations(lender: Stream, { start, rotations }: Stream): Rotations {
  const half = lender.rotations.cos.length / lender.tokens;
  const join = (axis: "cos" | "sin") =>
    concatenate([lender.rotations[axis].subarray(0, start * half), rotations[axis]]);
  return { cos: join("cos"), sin: join("sin") };
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
  const leavers: Leavers = new Map();
  return streams.flatMap((stream) => {
    if (stream.own !== null) return [stream];
    const leaving = stream.rows.filter((row) => row.touch <= layer);
    if (leaving.length === 0) return [stream];
    stream.rows = stream.rows.filter((row) => row.touch > layer);
    // A sibling that stays to the end has the text before the image in every layer.
    const staying = lastToken
      ? stream.rows.find((row) => row.touch === row.layers.length)
      : undefined;
    const own = leaving.map((row) => {
      const left = leave(stream, row, { layer, own: indexOf.get(row)!, leavers, staying });
      const others = leavers.get(stream) ?? [];
      leavers.set(stream, [...others, { row, stream: left }]);
      return left;
    });
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

/** Rotations of a chunk's tokens. */
export function packRotations(pieces: readonly Piece[]): Rotations {
  const join = (axis: "cos" | "sin") =>
    concatenate(pieces.map(({ stream: { rotations, tokens }, from, to }) => {
      const half = rotations[axis].length / tokens;
      return rotations[axis].subarray(from * half, to * half);
    }));
  return { cos: join("cos"), sin: join("sin") };
}

/** The hidden states of a chunk's tokens. */
export function packHidden(pieces: readonly Piece[]): View[] {
  return pieces.flatMap(({ stream, from, to }) => cut(stream.hidden, from, to));
}

/** The last token's hidden state. */
export function lastHidden({ hidden }: Stream): View[] {
  const rows = rowsOf(hidden);
  return cut(hidden, rows - 1, rows);
}
