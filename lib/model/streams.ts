/**
 * Prompts on their way through the layers. A stream is a prompt's hidden states; sibling rows share
 * one until the layer at which they differ, where a row gets a stream of its own.
 *
 * @module
 */
import type { Decoder } from "./decoder.ts";
import type { Segment } from "./edits/layer_visits.ts";
import { visualTokenIndices } from "./edits/tokens.ts";
import type { KeysValues } from "./kv_cache.ts";
import type { ModelInput } from "./model_input.ts";
import { rotationsAt } from "./positions.ts";
import type { PlannedRow } from "./row_plan.ts";
import { cut, rowsOf, type Tensor, type Tensors, type View, whole } from "./tensors.ts";

export interface Stream {
  input: ModelInput;
  /** First of the prompt's tokens that the stream computes; above 0 where `lender` has the rest. */
  start: number;
  /** Tokens that it computes: from `start` to the prompt's end. */
  tokens: number;
  /** [tokens, hidden]; after the last layer, where no more is wanted, of the last token only. */
  hidden: View[];
  /** [tokens, headDim / 2]; as `sin`. */
  cos: View[];
  sin: View[];
  /** Rows that share the stream; one row once it has left its siblings. */
  rows: PlannedRow[];
  /** Index in the batch of the row that the stream belongs to alone, or null. */
  own: number | null;
  /** Comes before it in every layer and has K and V of the tokens before `start`. */
  lender: Stream | null;
  /** K and V of the prompt so far in the current layer. */
  keys?: KeysValues;
}

/** What a stream has of each of its tokens. */
type OfTokens = "hidden" | "cos" | "sin";

/** Tokens [from, to) of a stream, standing at `at` in a packed chunk. */
export interface Piece {
  stream: Stream;
  from: number;
  to: number;
  at: number;
}

/** Whether what is computed of a row's first tokens is the same for every row that is done alike. */
function isPlain({ edits, captures }: PlannedRow): boolean {
  return edits.onlySkips && !captures.any;
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
    const plain = stream.rows.every(isPlain);
    const best = plain ? bestLender(stream, lenders) : undefined;
    if (best) others.push({ ...from(stream, best.start), lender: best.lender });
    else if (plain && lenders.length < MOST_LENDERS) lenders.push(stream);
    else others.push(stream);
  }
  return [...lenders, ...others];
}

/** Prompts that others may borrow from. */
const MOST_LENDERS = 8;
/** Prefixes are cut to multiples of so many tokens, so that prompts of one length stay alike. */
const PREFIX_STEP = 16;

function bestLender(stream: Stream, lenders: readonly Stream[]) {
  let best: { lender: Stream; start: number } | undefined;
  for (const lender of lenders) {
    const start = Math.floor(commonPrefix(stream.input, lender.input) / PREFIX_STEP) * PREFIX_STEP;
    if (start > (best?.start ?? 0)) best = { lender, start };
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
  const rest = (of: OfTokens) => cut(stream[of], start - stream.start, stream.tokens);
  const tokens = stream.tokens - (start - stream.start);
  return { ...stream, start, tokens, hidden: rest("hidden"), cos: rest("cos"), sin: rest("sin") };
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
  const { hiddenSize, headDim } = decoder.config;
  for (const [, members] of [...samples].sort(([a], [b]) => a - b)) {
    const { input } = members[0];
    const hidden = await decoder.embed(input.ids);
    visualTokenIndices(input).forEach((token, i) =>
      hidden.set(
        input.imageEmbeddings!.subarray(i * hiddenSize, (i + 1) * hiddenSize),
        token * hiddenSize,
      )
    );
    const { cos, sin } = rotationsAt(input.positions, decoder.config);
    streams.push({
      input,
      start: 0,
      tokens: input.ids.length,
      hidden: [whole(await tensors.upload(hidden, hiddenSize))],
      cos: [whole(await tensors.upload(cos, headDim / 2))],
      sin: [whole(await tensors.upload(sin, headDim / 2))],
      rows: members,
      own: null,
      lender: null,
    });
  }
  return lastToken ? borrowPrefixes(streams) : streams;
}

export function layersOf({ rows: [row] }: Stream) {
  return row.layers;
}

/**
 * First token that a row has to compute from its first edited layer on: those before it see no
 * edit. The last one is always computed.
 */
function firstChangedToken(
  row: PlannedRow,
  { layer, staying }: { layer: number; staying: PlannedRow },
): number {
  const sameModel = row.layers.every((weights, i) => weights === staying.layers[i]);
  if (!sameModel || row.captures.any || row.edits.all.length === 0) return 0;
  return Math.min(row.edits.firstChangedToken(layer), row.input.ids.length - 1);
}

/** Streams that left a lender, by what is done to their rows: they lend to those that do the same. */
type Leavers = Map<Stream, { row: PlannedRow; stream: Stream }[]>;

function doneAlike(a: PlannedRow, b: PlannedRow): boolean {
  return a.layers === b.layers && a.edits.skipsAsMuchAs(b.edits);
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
  const all = (of: OfTokens) => [...cut(lender[of], 0, stream.start), ...stream[of]];
  const values = { hidden: all("hidden"), cos: all("cos"), sin: all("sin") };
  return {
    ...stream,
    ...alone,
    ...values,
    start: 0,
    tokens: stream.input.ids.length,
    lender: null,
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
  let size = Infinity;
  for (const stream of streams) {
    for (let from = 0; from < stream.tokens; from += limit) {
      const to = Math.min(stream.tokens, from + limit);
      if (size + to - from > limit) {
        chunks.push([]);
        size = 0;
      }
      chunks.at(-1)!.push({ stream, from, to, at: size });
      size += to - from;
    }
  }
  return chunks;
}

/** Values of a chunk's tokens. */
export function packed(pieces: readonly Piece[], of: OfTokens): View[] {
  return pieces.flatMap(({ stream, from, to }) => cut(stream[of], from, to));
}

/** Tokens of a stream, from the first it computes or, with a piece, of that piece. */
export function segmentOf(stream: Stream, piece = { from: 0, to: rowsOf(stream.hidden) }): Segment {
  const { rows, own, input, hidden } = stream;
  return {
    rows,
    own: own !== null,
    // After the last layer there may be the last token alone.
    firstToken: input.ids.length - rowsOf(hidden) + piece.from,
    tokens: piece.to - piece.from,
    phase: "prefill",
  };
}

/** All tensors that streams need in the next layer. */
export function heldBy(streams: readonly Stream[]): Tensor[] {
  return streams.flatMap(({ hidden, cos, sin }) => [...hidden, ...cos, ...sin])
    .map(({ tensor }) => tensor);
}

/** The last token's hidden state. */
export function lastHidden({ hidden }: Stream): View[] {
  const rows = rowsOf(hidden);
  return cut(hidden, rows - 1, rows);
}
