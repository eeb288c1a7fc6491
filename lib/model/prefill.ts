/**
 * The prompts of a batch through all layers. Sibling rows share a stream until the layer at which
 * they differ: row l of a sweep costs the layers above l only, and, where its visual tokens are
 * swapped, only the text after them.
 *
 * @module
 */
import type { Decoder } from "./decoder.ts";
import { LayerVisits } from "./edits/layer_visits.ts";
import type { Site } from "./edits/types.ts";
import { finishLayer, groupByCall, needsParts } from "./finish_layer.ts";
import type { KvCache } from "./kv_cache.ts";
import { attendPieces } from "./prefill_attention.ts";
import type { PlannedRow } from "./row_plan.ts";
import {
  heldBy,
  layersOf,
  leaveSiblings,
  openStreams,
  packChunks,
  packed,
  type Piece,
  segmentOf,
  type Stream,
} from "./streams.ts";
import { cut, type Tensor, type Tensors } from "./tensors.ts";

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

/** Edits and captures of the streams at the start or the end of a layer. */
async function visitStreams(visits: LayerVisits, streams: Stream[], site: "residual" | "layer") {
  const visited = streams.map((stream) => ({ stream, segment: segmentOf(stream) }))
    .filter(({ segment }) => visits.concerns(segment, site));
  const values = visited.map(({ stream, segment }) => ({ views: stream.hidden, segment }));
  const changed = await visits.visitEach(values, site);
  visited.forEach(({ stream }, i) => stream.hidden = changed[i]);
}

/** Puts K and V of a piece where later tokens find them: the cache, and the stream itself. */
async function storeKeys(
  { stream, from, to, at }: Piece,
  { k, v }: { k: Tensor; v: Tensor },
  { layer, cache, visits }: LayerPlace,
) {
  const { start } = stream;
  const segment = segmentOf(stream);
  const owner = stream.own === null ? { sample: stream.rows[0].sample } : { row: stream.own };
  stream.keys ??= { k: [], v: [] };
  const store = async (tokens: { from: number; to: number }, kv: typeof stream.keys) => {
    const part = { ...kv };
    const own = { ...segment, firstToken: tokens.from, tokens: tokens.to - tokens.from };
    if (visits.concerns(own, "keysValues")) {
      [part.k] = await visits.visitEach([{ views: kv.k, segment: own }], "keysValues", "keys");
      [part.v] = await visits.visitEach([{ views: kv.v, segment: own }], "keysValues", "values");
    }
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
  visits: LayerVisits;
}

async function runChunk(
  decoder: Decoder,
  tensors: Tensors,
  pieces: Piece[],
  { lastToken, ...place }: LayerPlace & { lastToken: boolean },
) {
  const { layer } = place;
  const weights = layersOf(pieces[0].stream)[layer];
  const x = await tensors.join(packed(pieces, "hidden"));
  const projected = await decoder.project(weights, x, {
    cos: await tensors.join(packed(pieces, "cos")),
    sin: await tensors.join(packed(pieces, "sin")),
  });
  for (const piece of pieces) await storeKeys(piece, projected, place);
  const { visits } = place;
  const segments = pieces.map((piece) => segmentOf(piece.stream, piece));
  const attended = await attendPieces(decoder, tensors, { layer, pieces, q: projected.q });
  const attention = await visits.visitAll(attended, segments, "heads");
  if (!lastToken) {
    const y = await finishLayer(decoder, tensors, { weights, x, attention, visits, segments });
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

/** Whether more is wanted of the last layer than its last token's output. */
function needsOutputs(last: LayerVisits, row: PlannedRow): boolean {
  const sites = ["attention", "mlp", "layer"] satisfies Site[];
  const whole = { firstToken: 0, tokens: row.input.ids.length, phase: "prefill" } as const;
  return sites.some((site) => last.concerns({ ...whole, rows: [row], own: true }, site));
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
    rows.some((row) => needsOutputs(new LayerVisits(tensors, numLayers - 1), row));
  let streams = await openStreams(decoder, tensors, rows, { lastToken: !allOutputs });
  for (let layer = 0; layer < numLayers; layer++) {
    streams = leaveSiblings(streams, layer, { indexOf, lastToken: !allOutputs });
    const visits = new LayerVisits(tensors, layer);
    await visitStreams(visits, streams, "residual");
    const active = streams.filter(({ own, rows: [row], tokens }) => {
      if (own === null || !row.edits.skips(layer)) return true;
      row.edits.leaveOut(layer, tokens);
      return false;
    });
    // Lenders come before those who borrow from them, in the list, the groups and the chunks.
    const inParts = (stream: Stream): boolean =>
      needsParts(visits, segmentOf(stream)) || stream.lender !== null && inParts(stream.lender);
    const groups = groupByCall(active, {
      weightsOf: (stream) => layersOf(stream)[layer],
      inParts,
    });
    for (const { members } of groups) {
      for (const pieces of packChunks(members, decoder.tokensPerCall)) {
        await runChunk(decoder, tensors, pieces, {
          layer,
          cache,
          visits,
          lastToken: layer === numLayers - 1 && !allOutputs,
        });
        await checkpoint?.({ layer });
      }
    }
    for (const stream of active) delete stream.keys;
    await visitStreams(visits, streams, "layer");
    await cache?.finishPrompts(layer);
    tensors.free(heldBy(streams));
  }
  const result = new Array<Stream>(rows.length);
  for (const stream of streams) {
    for (const row of stream.rows) result[indexOf.get(row)!] = stream;
  }
  return result;
}
