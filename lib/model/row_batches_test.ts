import { assert, assertEquals } from "@std/assert";
import { zeroLayer } from "./edits/mod.ts";
import fc from "fast-check";
import { HostBackend } from "./backend.ts";
import { KvCache } from "./kv_cache.ts";
import type { ModelInput } from "./model_input.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import { type PlannedRow, planRows } from "./row_plan.ts";
import { hostTensor, whole } from "./tensors.ts";
import { randomPlan } from "./testdata/random_model.ts";
import { planBatches } from "./row_batches.ts";

// The embedded models' size.
const config: QwenTextConfig = {
  ...randomPlan().config,
  hiddenSize: 128,
  numLayers: 12,
  numHeads: 4,
  numKvHeads: 2,
  headDim: 32,
  maxPositionEmbeddings: 4096,
};

function promptOf(tokens: number): ModelInput {
  return {
    ids: new Int32Array(tokens).fill(1),
    positions: new Int32Array(3 * tokens),
    ropeDelta: 0,
    imageTokens: [],
    imageEmbeddings: null,
  };
}

const prompts = fc.array(
  fc.record({
    tokens: fc.integer({ min: 1, max: 80 }),
    touches: fc.array(fc.integer({ min: 0, max: config.numLayers }), {
      minLength: 1,
      maxLength: 14,
    }),
  }),
  { minLength: 1, maxLength: 8 },
);

const backend = new HostBackend();
Deno.test.afterAll(() => backend[Symbol.asyncDispose]());

/** Bytes of a batch's cache with every prompt and room for every token. */
async function cacheBytes(planned: PlannedRow[], newTokens: number): Promise<number> {
  using tensors = await backend.begin();
  const cache = new KvCache(planned, config, { tensors, newTokens });
  const width = config.numKvHeads * config.headDim;
  for (let layer = 0; layer < config.numLayers; layer++) {
    for (const [row, { touch, sample, input: { ids } }] of planned.entries()) {
      const place = touch > layer ? { sample } : { row };
      if (touch > layer && planned.findIndex((other) => other.sample === sample) < row) continue;
      const k = [whole(hostTensor(new Float32Array(ids.length * width), [ids.length, width]))];
      cache.storePrompt(layer, place, { k, v: k, from: 0 });
    }
    await cache.finishPrompts(layer);
  }
  return cache.byteLength;
}

Deno.test("batches are the rows in order, and their real cache fits", async () => {
  await fc.assert(
    fc.asyncProperty(
      prompts,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1e5, max: 2e7 }),
      async (drawn, maxRows, memoryBytes) => {
        const rows = drawn.flatMap(({ tokens, touches }) => {
          const input = promptOf(tokens);
          return touches.map((touch) => ({ input, touch }));
        });
        const maxNewTokens = 20;
        const batches = planBatches(rows, { config, maxNewTokens, memoryBytes, maxRows });
        assertEquals(batches.flat(), rows);
        for (const batch of batches) {
          assert(batch.length <= maxRows);
          if (batch.length === 1) continue;
          const planned = planRows(
            batch.map(({ input, touch }) =>
              touch === config.numLayers ? { input } : { input, edits: [zeroLayer(touch)] }
            ),
            { config, imageTokenId: -1, layers: new Array(config.numLayers) },
            maxNewTokens,
          );
          assert(await cacheBytes(planned, maxNewTokens) <= memoryBytes);
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("rows of one prompt stay together where they fit", () => {
  const rows = [1, 2, 3].flatMap(() => {
    const input = promptOf(10);
    return Array.from({ length: 4 }, (_, touch) => ({ input, touch }));
  });
  const batches = planBatches(rows, { config, maxNewTokens: 8, maxRows: 6 });
  assertEquals(batches.map(({ length }) => length), [4, 4, 4]);
  const brought = planBatches(rows, {
    config,
    maxNewTokens: 8,
    memoryBytes: 3e6,
    promptBytes: () => 1.2e6,
  });
  assertEquals(brought.map(({ length }) => length), [4, 4, 4]);
});
