import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { Decoder } from "./decoder.ts";
import { extendInput } from "./extend_input.ts";
import { forward } from "./forward.ts";
import { generate } from "./generate.ts";
import type { Intervention, LayerHook, VisualTokens } from "./interventions.ts";
import { LayerSessions } from "./layer_sessions.ts";
import type { ModelInput } from "./model_input.ts";
import type { RowRequest } from "./row_plan.ts";
import { openRandom, randomPlan, textInput } from "./testdata/random_model.ts";
import { caseInput, maxDifference, readReference } from "./testdata/reference.ts";

const reference = readReference("random");
const square = caseInput(reference, "square");
const wide = caseInput(reference, "wide");

async function visualTokens(decoder: Decoder, input: ModelInput): Promise<VisualTokens> {
  const [{ captured }] = await forward(decoder, [{ input, capture: { keysValues: {} } }]);
  return {
    tokens: input.imageTokens.reduce((sum, { count }) => sum + count, 0),
    keys: [...captured.keys.values()],
    values: [...captured.values.values()],
  };
}

/** Adds a constant to every hidden state before one layer. */
function shiftBefore(layer: number): LayerHook {
  return {
    layers: [layer],
    apply: ({ hidden, firstToken, phase }) => {
      assertEquals(phase, firstToken === 0 ? "prefill" : "decode");
      for (let i = 0; i < hidden.length; i++) hidden[i] += 0.1;
      return 1;
    },
  };
}

Deno.test("a batch of mixed interventions equals the same rows one by one", async () => {
  await using decoder = await openRandom({ tokensPerCall: 120 });
  const source = await visualTokens(decoder, wide);
  // The last two share the first tokens of others, of text and of a prompt with an image.
  const long = Array.from({ length: 40 }, (_, i) => 3 * i % 200);
  const inputs = [
    square,
    wide,
    textInput([7, 8, 9]),
    textInput(long),
    textInput([...long.slice(0, 35), 9, 8]),
    textInput([...square.ids.slice(0, square.imageTokens[0].start), 5, 6, 7]),
  ];
  const layers = decoder.config.numLayers;
  const layer = fc.integer({ min: 0, max: layers - 1 });
  const row = fc.record({
    input: fc.constantFrom(0, 1, 2, 3, 4, 5),
    zeroAblate: fc.option(fc.uniqueArray(layer, { maxLength: layers })),
    swapFrom: fc.option(layer),
    hook: fc.option(layer, { freq: 4 }),
    order: fc.option(fc.array(layer, { minLength: layers, maxLength: layers })),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 9 }), async (rows) => {
      const requests = rows.map(({ input, zeroAblate, swapFrom, hook, order }): RowRequest => {
        const intervention: Intervention = {};
        // What every layer leaves out can be touched by no swap and by no hook's effect.
        if (zeroAblate) intervention.zeroAblate = zeroAblate;
        const swappable = input < 2 && !zeroAblate?.length;
        if (swapFrom !== null && swappable) {
          intervention.swapVisualTokens = { fromLayer: swapFrom, source };
        }
        return {
          input: inputs[input],
          intervention,
          hook: hook === null ? undefined : shiftBefore(hook),
          layers: order?.map((i) => decoder.layers[i]),
        };
      });
      // Beside an unmodified row, a swapped one computes the text after the image only.
      requests.push({ input: square }, { input: wide });
      // Stop tokens let rows leave at different steps.
      const options = { maxNewTokens: 9, stopTokens: Array.from({ length: 60 }, (_, i) => i) };
      const together = await generate(decoder, requests, options);
      const logits = await forward(decoder, requests);
      for (const [i, request] of requests.entries()) {
        const [alone] = await generate(decoder, [request], options);
        const [{ logits: own }] = await forward(decoder, [request]);
        assert(maxDifference(logits[i].logits, own) < 2e-5);
        assertEquals(together[i].tokens, alone.tokens);
        assertEquals(together[i].finish, alone.finish);
        const { swapNorm, ...counts } = together[i].receipt;
        const { swapNorm: ownNorm, ...ownCounts } = alone.receipt;
        assertEquals(counts, ownCounts);
        assert(Math.abs(swapNorm - ownNorm) <= 1e-4 * ownNorm);
      }
    }),
    { numRuns: 12, seed: 11 },
  );
});

Deno.test("rows with layers of their own answer as models made of those layers", async () => {
  const plan = randomPlan();
  await using decoder = await Decoder.open(plan);
  const [first, second, ...rest] = plan.layers;
  const lists = [plan.layers, [first, ...rest, second], [second, first, ...rest]];
  const options = { maxNewTokens: 6 };
  const together = await generate(
    decoder,
    [square, wide].flatMap((input) => lists.map((layers): RowRequest => ({ input, layers }))),
    options,
  );
  for (const [i, layers] of lists.entries()) {
    await using alone = await Decoder.open({ ...plan, layers });
    const answers = await generate(alone, [{ input: square }, { input: wide }], options);
    assertEquals(
      [together[i], together[i + 3]].map((own) => own.tokens),
      answers.map((own) => own.tokens),
    );
  }
  assert(new Set(together.slice(0, 3).map(({ tokens }) => tokens.join())).size > 1);
  await assertRejects(
    () => generate(decoder, [{ input: square, layers: [first] }], options),
    Error,
    `Cannot run a row of 1 layers: the model has ${plan.layers.length}`,
  );
});

Deno.test("models share layers that are given to them, and leave them open", async () => {
  const plan = randomPlan();
  await using layerSessions = new LayerSessions();
  const row = { input: square };
  const options = { maxNewTokens: 4 };
  const answers: string[] = [];
  for (let i = 0; i < 2; i++) {
    await using decoder = await Decoder.open(plan, { layerSessions });
    answers.push((await generate(decoder, [row], options))[0].tokens.join());
    assertEquals(layerSessions.count, plan.layers.length);
  }
  assertEquals(answers[0], answers[1]);
});

Deno.test("controls: an image swapped with itself and nothing ablated change nothing", async () => {
  await using decoder = await openRandom();
  const source = await visualTokens(decoder, square);
  const rows: RowRequest[] = [
    { input: square },
    { input: square, intervention: { zeroAblate: [] } },
    ...Array.from({ length: decoder.config.numLayers }, (_, fromLayer): RowRequest => ({
      input: square,
      intervention: { swapVisualTokens: { fromLayer, source } },
    })),
  ];
  const results = await forward(decoder, rows);
  for (const { logits } of results) assert(maxDifference(logits, results[0].logits) <= 1e-6);
  for (const { receipt } of results.slice(2)) {
    assertEquals(receipt.tokensSwapped, 16);
    assert(receipt.swapNorm <= 1e-5);
  }
});

Deno.test("long answers, past every growth of the cache, are what one forward pass predicts", async () => {
  await using decoder = await openRandom();
  const interventions: Intervention[] = [{}, { zeroAblate: [2] }, { zeroAblate: [0, 3] }, {}];
  const rows = interventions.map((intervention) => ({ input: square, intervention }));
  const answers = await generate(decoder, rows, { maxNewTokens: 150 });
  const { vocabSize } = decoder.config;
  for (const [i, { tokens }] of answers.entries()) {
    assertEquals(tokens.length, 150);
    const input = extendInput(square, tokens);
    const [{ logits }] = await forward(decoder, [{ ...rows[i], input }], { logits: "all" });
    for (const [step, token] of tokens.entries()) {
      const at = (square.ids.length - 1 + step) * vocabSize;
      const row = logits.subarray(at, at + vocabSize);
      assert(row[token] > Math.max(...row) - 1e-4, `row ${i}, step ${step}`);
    }
  }
});

Deno.test("sampling repeats with its seed, row by row, whatever else is in the batch", async () => {
  await using decoder = await openRandom();
  const input = textInput([5, 6, 7]);
  const options = { maxNewTokens: 12, temperature: 1, seed: 3 };
  const rows = [{ input }, { input }, { input }];
  const tokens = async (requests: RowRequest[], seed: number) =>
    (await generate(decoder, requests, { ...options, seed })).map((row) => row.tokens.join());
  const first = await tokens(rows, 3);
  assertEquals(await tokens(rows, 3), first);
  assertEquals(await tokens(rows.slice(0, 1), 3), first.slice(0, 1));
  assertEquals(new Set([...first, ...await tokens(rows, 4)]).size, 6);
});

Deno.test("a stop token ends a row and is not part of it; callbacks tell every token", async () => {
  await using decoder = await openRandom();
  const input = textInput([5, 6, 7]);
  const [{ tokens }] = await generate(decoder, [{ input }], { maxNewTokens: 12 });
  const stop = tokens[5];
  const heard: number[] = [];
  const [stopped] = await generate(decoder, [{ input }], {
    maxNewTokens: 12,
    stopTokens: [stop],
    onToken: ({ row, step, token }) => {
      assertEquals([row, step], [0, heard.length]);
      heard.push(token);
    },
  });
  assertEquals(stopped.finish, "stop");
  assertEquals(stopped.tokens, tokens.slice(0, tokens.indexOf(stop)));
  assertEquals(heard, [...stopped.tokens]);
  // A model that stops at once gives an empty answer.
  const [empty] = await generate(decoder, [{ input }], {
    maxNewTokens: 4,
    stopTokens: [tokens[0]],
  });
  assertEquals([empty.tokens.length, empty.finish], [0, "stop"]);
});

Deno.test("a deadline cuts rows off and says so", async () => {
  await using decoder = await openRandom();
  const [row] = await generate(decoder, [{ input: textInput([5]) }], {
    maxNewTokens: 2000,
    deadline: 60,
  });
  assertEquals(row.finish, "timeout");
  assert(row.milliseconds >= 60 && row.milliseconds < 1500, `${row.milliseconds} ms`);
  assert(row.tokens.length > 0 && row.tokens.length < 2000);
});

Deno.test("an abort stops a generation, and timers run meanwhile", async () => {
  await using decoder = await openRandom();
  const controller = new AbortController();
  let ticks = 0;
  const timer = setInterval(() => {
    if (++ticks === 5) controller.abort(new Error("enough"));
  }, 5);
  const run = generate(decoder, [{ input: textInput([5]) }], {
    maxNewTokens: 2000,
    signal: controller.signal,
  });
  await assertRejects(() => run, Error, "enough");
  clearInterval(timer);
  assertEquals(ticks, 5);
  // The model is as good as new.
  await generate(decoder, [{ input: textInput([5]) }], { maxNewTokens: 2 });
});

Deno.test("timers are served while long prompts are computed", async () => {
  await using decoder = await openRandom();
  let last = performance.now();
  let gap = 0;
  const timer = setInterval(() => {
    gap = Math.max(gap, performance.now() - last);
    last = performance.now();
  }, 10);
  const ids = Array.from({ length: 1800 }, (_, i) => i % 500);
  const phases = new Set<string>();
  await generate(decoder, Array.from({ length: 6 }, () => ({ input: textInput(ids) })), {
    maxNewTokens: 3,
    onProgress: ({ phase }) => phases.add(phase),
  });
  clearInterval(timer);
  assert(gap > 0 && gap < 2000, `${gap} ms without a timer`);
  assertEquals([...phases].sort(), ["decode", "prefill"]);
});

Deno.test("requests that cannot be run are refused with the reason", async () => {
  await using decoder = await openRandom();
  const input = textInput([5, 6]);
  const limit = decoder.config.maxPositionEmbeddings;
  const options = { maxNewTokens: 4 };
  const idle: LayerHook = { layers: [1], apply: () => 0 };
  const cases: [RowRequest[], Partial<typeof options> & { deadline?: number }, string][] = [
    [[], {}, "a batch of no rows"],
    [[{ input: textInput([]) }], {}, "an empty prompt"],
    [[{ input: textInput([5, 520]) }], {}, "token 1 has id 520, the vocabulary 520"],
    [[{ input: textInput([-1]) }], {}, "token 0 has id -1"],
    [[{ input }], { maxNewTokens: limit }, `2 tokens with ${limit} new ones`],
    [[{ input }], { maxNewTokens: 0 }, "0 new tokens"],
    [[{ input }], { deadline: -1 }, "a deadline of -1 ms"],
    [[{ input: { ...input, positions: new Int32Array(5) } }], {}, "5 positions for 2 tokens"],
    [[{ input: { ...square, imageEmbeddings: null } }], {}, "16 image tokens need 1536 embedding"],
    [
      [{ input: { ...square, imageTokens: [{ start: 45, count: 16, grid: [1, 8, 8] }] } }],
      {},
      "lie",
    ],
    [[{ input, hook: { ...idle, layers: [9] } }], {}, "Cannot hook layer 9"],
    [[{ input, hook: idle }], {}, "The hook of row 0 touched nothing"],
    [[{ input, capture: { hidden: { layers: [6] } } }], {}, "hidden states of layer 6"],
    [[{ input, capture: { keysValues: {} } }], {}, "the prompt has no visual tokens"],
    [[{ input, capture: { attention: { queries: [2], masks: [[1, 1]] } } }], {}, "from query 2"],
    [[{ input, capture: { attention: { queries: [1], masks: [[1]] } } }], {}, "has 1 entries"],
  ];
  for (const [rows, changed, message] of cases) {
    await assertRejects(() => generate(decoder, rows, { ...options, ...changed }), Error, message);
  }
});

Deno.test("a released decoder refuses to run", async () => {
  const decoder = await openRandom();
  await decoder.dispose();
  await decoder.dispose();
  await assertRejects(
    () => generate(decoder, [{ input: textInput([5]) }], { maxNewTokens: 1 }),
    Error,
    "released",
  );
});
