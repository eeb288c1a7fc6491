import { assert, assertEquals } from "@std/assert";
import type { ModelInput, VisionLanguageModel } from "../model/mod.ts";
import { partOf } from "../shard.ts";
import { definePass, type PlainRow } from "./pass.ts";

interface Row extends PlainRow<number> {
  layer: number;
}

/** Decoder of a published 7B model, as far as batches depend on it. */
const TEXT = { hiddenSize: 3584, numLayers: 28, numHeads: 28, numKvHeads: 4, headDim: 128 };
const SAMPLES = Array.from({ length: 500 }, (_, i) => i);
/** Tokens of a prompt with an image, and of an answer. */
const [PROMPT, ANSWER] = [482, 64];

/** What a vision sweep of 7B costs: prompts computed, rows answered, batches. */
async function sweep(samples: readonly number[], memoryBytes: number) {
  const work = { promptTokens: 0, rows: 0, batches: 0 };
  const done = new Set<string>();
  const keyOf = ({ sample, layer }: Row) => `${sample}/${layer}`;
  const pass = definePass<number, Row, { input: ModelInput }>({
    label: "made",
    maxNewTokens: ANSWER,
    together: () => 32,
    rows: (sample) =>
      Array.from({ length: 30 }, (_, i) => ({ sample, layer: i - 1, touch: Math.max(0, i - 1) })),
    isDone: (row) => done.has(keyOf(row)),
    prepare: (samples) =>
      Promise.resolve(samples.map(() => ({
        input: { ids: new Int32Array(PROMPT) } as unknown as ModelInput,
      }))),
    run: (batch) => {
      work.promptTokens += PROMPT * new Set(batch.map(({ input }) => input)).size;
      work.rows += batch.length;
      work.batches++;
      for (const row of batch) done.add(keyOf(row));
      return Promise.resolve();
    },
  });
  const model = { batchBytes: memoryBytes, config: { text: TEXT } };
  await pass.run(model as unknown as VisionLanguageModel, samples);
  assertEquals(done.size, samples.length * 30);
  return work;
}

for (const memoryBytes of [2 ** 31, 20e9]) {
  Deno.test(`a 7B sweep of 500 samples costs the same in 1, 8 and 64 shards, ${memoryBytes} bytes a batch`, async () => {
    const whole = await sweep(SAMPLES, memoryBytes);
    for (const count of [8, 64]) {
      const parts: (typeof whole)[] = [];
      for (let index = 1; index <= count; index++) {
        parts.push(await sweep(partOf(SAMPLES, { index, count }), memoryBytes));
      }
      const sum = (key: keyof typeof whole) => parts.reduce((sum, part) => sum + part[key], 0);
      assertEquals(sum("rows"), whole.rows);
      assert(sum("promptTokens") <= 1.1 * whole.promptTokens, `${sum("promptTokens")}`);
    }
  });
}
