/**
 * One generated token of every row of a batch through all layers.
 *
 * @module
 */
import type { Decoder } from "./decoder.ts";
import { LayerVisits, type Segment } from "./edits/layer_visits.ts";
import { finishLayer, groupByCall, needsParts } from "./finish_layer.ts";
import type { Projected } from "./attention.ts";
import type { KvCache } from "./kv_cache.ts";
import type { PlannedRow } from "./row_plan.ts";
import type { Tensor, Tensors } from "./tensors.ts";

/** The newest token of a row; without rows where nothing is done to it or captured. */
function segmentOf(row: PlannedRow, length: number): Segment {
  const firstToken = row.input.ids.length + length - 1;
  const idle = row.done || !(row.edits.inAnswer || row.captures.any);
  return { rows: idle ? [] : [row], own: true, firstToken, tokens: 1, phase: "decode" };
}

/** Places of the rows that run a layer; calls of the others are entered as left out. */
function activeRows(rows: readonly PlannedRow[], layer: number): number[] {
  const active: number[] = [];
  rows.forEach((row, place) => {
    if (row.done) return;
    if (row.edits.skips(layer)) row.edits.leaveOut(layer, 1);
    else active.push(place);
  });
  return active;
}

/** The segments, if there are any, of which only those at `active` are edited or captured. */
function idleBut(active: readonly number[], segments: readonly Segment[]): Segment[] {
  const running = new Set(active);
  return segments.map((segment, i) => running.has(i) ? segment : { ...segment, rows: [] });
}

async function runLayer(
  decoder: Decoder,
  tensors: Tensors,
  cache: KvCache,
  { layer, x, cos, sin, visits, segments }:
    & Record<"x" | "cos" | "sin", Tensor>
    & { layer: number; visits: LayerVisits; segments: Segment[] },
): Promise<Tensor> {
  const count = cache.rows.length;
  const groups = groupByCall(activeRows(cache.rows, layer), {
    weightsOf: (place) => cache.rows[place].layers[layer],
    inParts: (place) => segments.length > 0 && needsParts(visits, segments[place]),
  }).map(({ weights, members: active }) => ({
    weights,
    active,
    rows: tensors.rowsToCompute(active, count),
  }));
  if (groups.length === 0) return x;
  let all: Projected | undefined;
  for (const { weights, active, rows } of groups) {
    const own = await decoder.project(
      weights,
      await tensors.take(x, rows),
      { cos: await tensors.take(cos, rows), sin: await tensors.take(sin, rows) },
    );
    if (rows === null && groups.length === 1) all = own;
    else {
      const put = async (base: Tensor | undefined, values: Tensor) =>
        await tensors.put(base ?? await tensors.blank(count, values.dims[1]), values, {
          rows,
          active,
        });
      all = {
        q: await put(all?.q, own.q),
        k: await put(all?.k, own.k),
        v: await put(all?.v, own.v),
      };
    }
  }
  const running = groups.flatMap(({ active }) => active);
  const { q, k, v } = all!;
  const chosen = idleBut(running, segments);
  const projected = {
    q,
    k: await visits.visitAll(k, chosen, "keysValues", "keys"),
    v: await visits.visitAll(v, chosen, "keysValues", "values"),
  };
  const attended = await cache.attend(layer, projected, running);
  const attention = await visits.visitAll(attended, chosen, "heads");
  let y = x;
  for (const { weights, active, rows } of groups) {
    const own = await finishLayer(decoder, tensors, {
      weights,
      x: await tensors.take(x, rows),
      attention: await tensors.take(attention, rows),
      visits,
      segments: rows && segments.length > 0
        ? rows.map((row) => segments[row])
        : idleBut(active, segments),
    });
    y = await tensors.put(y, own, { rows, active });
  }
  return y;
}

/**
 * Runs one token of every row of the cache through all layers and adds its K and V to the cache.
 *
 * @param tokens [rows] token ids, in the cache's order.
 * @param rotations [rows, headDim / 2] each.
 * @returns Hidden states [rows, hidden].
 */
export async function decodeStep(
  decoder: Decoder,
  tensors: Tensors,
  cache: KvCache,
  { tokens, rotations, checkpoint }: {
    tokens: Int32Array;
    rotations: Record<"cos" | "sin", Float32Array>;
    checkpoint?: () => void | Promise<void>;
  },
): Promise<Tensor> {
  const { numLayers, hiddenSize, headDim } = decoder.config;
  cache.advance();
  const cos = await tensors.upload(rotations.cos, headDim / 2);
  const sin = await tensors.upload(rotations.sin, headDim / 2);
  const all = cache.rows.map((row) => segmentOf(row, cache.length));
  const segments = all.some(({ rows }) => rows.length > 0) ? all : [];
  let x = await tensors.upload(await decoder.embed(tokens), hiddenSize);
  for (let layer = 0; layer < numLayers; layer++) {
    const visits = new LayerVisits(tensors, layer);
    x = await visits.visitAll(x, segments, "residual");
    x = await runLayer(decoder, tensors, cache, { layer, x, cos, sin, visits, segments });
    x = await visits.visitAll(x, segments, "layer");
    tensors.free([x, cos, sin]);
    await checkpoint?.();
  }
  return x;
}
