/**
 * One generated token of every row of a batch through all layers.
 *
 * @module
 */
import type { Decoder } from "./decoder.ts";
import type { LayerWeights } from "./decoder_layer.ts";
import { runHook } from "./interventions.ts";
import type { KvCache, Projected } from "./kv_cache.ts";
import type { Rotations } from "./rope.ts";
import type { Tensor, Tensors } from "./tensors.ts";

/** Calls the hooks of rows that have one here, on copies of their hidden states. */
async function runHooks(
  tensors: Tensors,
  cache: KvCache,
  { layer, x }: { layer: number; x: Tensor },
): Promise<Tensor> {
  const hooked = cache.rows.flatMap(({ done, request: { hook } }, row) =>
    !done && hook?.layers.includes(layer) ? [row] : []
  );
  if (hooked.length === 0) return x;
  const width = x.dims[1];
  const values = (await tensors.read(x)).slice();
  for (const i of hooked) {
    const row = cache.rows[i];
    const firstToken = row.input.ids.length + cache.length - 1;
    const hidden = values.subarray(i * width, (i + 1) * width);
    runHook(row, { layer, phase: "decode", firstToken, hidden }, 1);
  }
  return await tensors.upload(values, width);
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

/** The chosen rows of the rotations; all for null. */
function takeRotations({ cos, sin }: Rotations, rows: readonly number[] | null, count: number) {
  if (rows === null) return { cos, sin };
  const take = (data: Float32Array) => {
    const half = data.length / count;
    const result = new Float32Array(rows.length * half);
    rows.forEach((row, i) => result.set(data.subarray(row * half, (row + 1) * half), i * half));
    return result;
  };
  return { cos: take(cos), sin: take(sin) };
}

async function runLayer(
  decoder: Decoder,
  tensors: Tensors,
  cache: KvCache,
  { layer, x, rotations }: { layer: number; x: Tensor; rotations: Rotations },
): Promise<Tensor> {
  const count = cache.rows.length;
  const groups = [...activeRows(cache, layer)].map(([weights, active]) => ({
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
      takeRotations(rotations, rows, count),
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
  const attention = await cache.attend(layer, all!, groups.flatMap(({ active }) => active));
  let y = x;
  for (const { weights, active, rows } of groups) {
    const own = await decoder.finish(
      weights,
      await tensors.take(x, rows),
      await tensors.take(attention, rows),
    );
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
    rotations: Rotations;
    checkpoint?: () => void | Promise<void>;
  },
): Promise<Tensor> {
  const { numLayers, hiddenSize } = decoder.config;
  cache.advance();
  let x = await tensors.upload(await decoder.embed(tokens), hiddenSize);
  for (let layer = 0; layer < numLayers; layer++) {
    x = await runHooks(tensors, cache, { layer, x });
    x = await runLayer(decoder, tensors, cache, { layer, x, rotations });
    tensors.free([x]);
    await checkpoint?.();
  }
  return x;
}
