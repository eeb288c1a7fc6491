/**
 * One generated token of every row of a batch through all layers.
 *
 * @module
 */
import type { Decoder, Projected } from "./decoder.ts";
import type { LayerWeights } from "./decoder_layer.ts";
import { runHook } from "./interventions.ts";
import type { KvCache } from "./kv_cache.ts";
import type { Rotations } from "./rope.ts";

/** Copies rows of [n, width] in the order given. */
function gather(values: Float32Array, rows: number[], width: number): Float32Array {
  const result = new Float32Array(rows.length * width);
  rows.forEach((row, i) => result.set(values.subarray(row * width, (row + 1) * width), i * width));
  return result;
}

/** The reverse of gather: writes row i of `values` to row rows[i] of `target`. */
function scatter(values: Float32Array, rows: number[], target: Float32Array): Float32Array {
  const width = values.length / rows.length;
  rows.forEach((row, i) => target.set(values.subarray(i * width, (i + 1) * width), row * width));
  return target;
}

async function attend(
  decoder: Decoder,
  cache: KvCache,
  layer: number,
  q: Float32Array,
): Promise<Float32Array> {
  const width = decoder.config.numHeads * decoder.config.headDim;
  const rows = cache.rows.length;
  const shared = cache.sharedRows(layer);
  const run = (from: number, to: number, part: "shared" | "single") =>
    decoder.attendCached({
      q: { data: q.subarray(from * width, to * width), dims: [to - from, width] },
      ...cache.attentionInputs(layer, part),
    }, part === "shared");
  if (shared === 0) return await run(0, rows, "single");
  if (shared === rows) return await run(0, rows, "shared");
  const result = new Float32Array(q.length);
  result.set(await run(0, shared, "shared"));
  result.set(await run(shared, rows, "single"), shared * width);
  return result;
}

function runHooks(cache: KvCache, layer: number, x: Float32Array, width: number) {
  cache.rows.forEach((row, i) => {
    if (row.done) return;
    const firstToken = row.input.ids.length + cache.length - 1;
    const hidden = x.subarray(i * width, (i + 1) * width);
    runHook(row, { layer, phase: "decode", firstToken, hidden }, 1);
  });
}

/** Rows that run a layer, by whose layer it is. */
function activeRows(cache: KvCache, layer: number): Map<LayerWeights, number[]> {
  const groups = new Map<LayerWeights, number[]>();
  cache.rows.forEach((row, i) => {
    if (row.done) return;
    if (row.ablated.has(layer)) {
      row.receipt.callsLeftOut++;
      return;
    }
    const weights = row.layers[layer];
    const group = groups.get(weights);
    if (group) group.push(i);
    else groups.set(weights, [i]);
  });
  return groups;
}

async function runLayer(
  decoder: Decoder,
  cache: KvCache,
  layer: number,
  state: { x: Float32Array; rotations: Rotations },
): Promise<Float32Array> {
  const { hiddenSize, headDim, numHeads } = decoder.config;
  const groups = activeRows(cache, layer);
  if (groups.size === 0) return state.x;
  const width = numHeads * headDim;
  const whole = (active: number[]) => active.length === cache.rows.length;
  const take = (values: Float32Array, active: number[], size: number) =>
    whole(active) ? values : gather(values, active, size);
  // Attention runs over whole ranges of the cache; what it finds for rows that skip is not used.
  let q: Float32Array = new Float32Array();
  for (const [weights, active] of groups) {
    const projected: Projected = await decoder.project(
      weights,
      take(state.x, active, hiddenSize),
      {
        cos: take(state.rotations.cos, active, headDim / 2),
        sin: take(state.rotations.sin, active, headDim / 2),
      },
    );
    active.forEach((row, at) => cache.append(layer, row, { k: projected.k, v: projected.v, at }));
    if (whole(active)) {
      q = projected.q;
    } else {
      if (q.length === 0) q = new Float32Array(cache.rows.length * width);
      scatter(projected.q, active, q);
    }
  }
  const attention = await attend(decoder, cache, layer, q);
  let y = state.x;
  for (const [weights, active] of groups) {
    const own = await decoder.finish(
      weights,
      take(state.x, active, hiddenSize),
      take(attention, active, width),
    );
    if (whole(active)) y = own;
    else scatter(own, active, y);
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
  cache: KvCache,
  { tokens, rotations, checkpoint }: {
    tokens: Int32Array;
    rotations: Rotations;
    checkpoint?: () => void | Promise<void>;
  },
): Promise<Float32Array> {
  const { numLayers, hiddenSize } = decoder.config;
  cache.advance();
  let x = await decoder.embed(tokens);
  const hooked = cache.rows.some((row) => row.request.hook);
  for (let layer = 0; layer < numLayers; layer++) {
    if (hooked) runHooks(cache, layer, x, hiddenSize);
    x = await runLayer(decoder, cache, layer, { x, rotations });
    await checkpoint?.();
  }
  return x;
}
