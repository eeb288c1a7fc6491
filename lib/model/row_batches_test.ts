import { assert, assertEquals } from "@std/assert";
import { zeroLayer } from "./edits/mod.ts";
import fc from "fast-check";
import { HostKvCache } from "./host_kv_cache.ts";
import type { ModelInput } from "./model_input.ts";
import type { QwenTextConfig } from "./qwen_config.ts";
import { planRows } from "./row_plan.ts";
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

/** Nothing attends here. */
const attend = () => Promise.reject(new Error("not called"));

Deno.test("batches are the rows in order, and their real cache fits", () => {
  fc.assert(
    fc.property(
      prompts,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1e5, max: 2e7 }),
      (drawn, maxRows, memoryBytes) => {
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
          assert(
            new HostKvCache(planned, config, { newTokens: maxNewTokens, attend }).byteLength <=
              memoryBytes,
          );
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
