import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { Decoder } from "./decoder.ts";
import { extendInput, type ModelInput } from "./model_input.ts";
import { forward } from "./forward.ts";
import { generate, type GenerateOptions } from "./generate.ts";
import { editWith, swapVisualTokens, visualTokensOf, zeroLayer } from "./edits/mod.ts";
import { LayerSessions } from "./layer_sessions.ts";
import type { RowRequest } from "./row_plan.ts";
import { openRandom, randomPlan, textInput } from "./testdata/random_model.ts";
import { caseInput, maxDifference, readReference } from "./testdata/reference.ts";

const reference = readReference("random");
const square = caseInput(reference, "square");
const wide = caseInput(reference, "wide");

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

Deno.test("control: an image swapped with itself changes nothing", async () => {
  await using decoder = await openRandom();
  const capture = { keysValues: { tokens: "image" } } as const;
  const [{ captured }] = await forward(decoder, [{ input: square, capture }]);
  const source = visualTokensOf(captured);
  const rows: RowRequest[] = [
    { input: square },
    { input: square, edits: undefined },
    ...Array.from({ length: decoder.config.numLayers }, (_, fromLayer): RowRequest => ({
      input: square,
      edits: [swapVisualTokens(source, { fromLayer, allowNoChange: true })],
    })),
  ];
  const results = await forward(decoder, rows);
  for (const { logits } of results) assert(maxDifference(logits, results[0].logits) <= 1e-6);
  for (const { receipts: [{ tokens, norm }] } of results.slice(2)) {
    assertEquals(tokens, 16);
    assert(norm! <= 1e-5);
  }
});

Deno.test("long answers, past every growth of the cache, are what one forward pass predicts", async () => {
  await using decoder = await openRandom();
  const ablated: (number[] | null)[] = [null, [2], [0, 3], null];
  const rows = ablated.map((layers) => ({
    input: square,
    edits: layers ? [zeroLayer(...layers)] : [],
  }));
  const answers = await generate(decoder, rows, { maxNewTokens: 150 });
  const { vocabSize } = decoder.config;
  for (const [i, { tokens }] of answers.entries()) {
    assertEquals(tokens.length, 150);
    const input = extendInput(square, tokens);
    const [{ logits }] = await forward(decoder, [{ ...rows[i], input }], { logits: "all" });
    for (const [step, token] of tokens.entries()) {
      const at = (square.ids.length - 1 + step) * vocabSize;
      const row = logits.data.subarray(at, at + vocabSize);
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
  assert(row.milliseconds >= 60, `${row.milliseconds} ms`);
  assert(row.tokens.length > 0 && row.tokens.length < 2000);
});

Deno.test("an abort stops a generation, and timers run meanwhile", async () => {
  await using decoder = await openRandom();
  const controller = new AbortController();
  let ticks = 0;
  const timer = setInterval(() => {
    if (++ticks < 5) return;
    clearInterval(timer);
    controller.abort(new Error("enough"));
  }, 5);
  const run = generate(decoder, [{ input: textInput([5]) }], {
    maxNewTokens: 2000,
    signal: controller.signal,
  });
  await assertRejects(() => run, Error, "enough");
  assertEquals(ticks, 5);
  // The model is as good as new.
  await generate(decoder, [{ input: textInput([5]) }], { maxNewTokens: 2 });
});

Deno.test("timers are served in between while long prompts are computed", async () => {
  await using decoder = await openRandom({ tokensPerCall: 128 });
  // Each timer is set when the one before is served.
  let served = 0;
  let timer = setTimeout(function serve() {
    served++;
    timer = setTimeout(serve, 0);
  }, 0);
  const ids = Array.from({ length: 900 }, (_, i) => i % 500);
  const servedBy = { prefill: new Set<number>(), decode: new Set<number>() };
  await generate(decoder, Array.from({ length: 3 }, () => ({ input: textInput(ids) })), {
    maxNewTokens: 3,
    onProgress: ({ phase }) => servedBy[phase].add(served),
  });
  clearTimeout(timer);
  // 4 layers of 22 calls: a loop that let no timer in before its end would see one number.
  assert(servedBy.prefill.size > 4, `${servedBy.prefill.size} of 88 calls let a timer in`);
  assert(servedBy.decode.size > 0);
});

Deno.test("numbers out of range say where, and what to do in the precision at hand", async () => {
  const plan = randomPlan();
  const { shape } = plan.layers[2].down as { shape: readonly number[] };
  const values = new Float32Array(shape[0] * shape[1]).fill(NaN);
  const layers = plan.layers.with(2, {
    ...plan.layers[2],
    down: { name: "damaged", shape, values },
  });
  const advice = {
    f32: "Precision f32 has the widest range, so look for damaged weights",
    bf16: "Try the precision f32, and look for damaged weights",
  };
  for (const precision of ["f32", "bf16"] as const) {
    await using decoder = await Decoder.open({ ...plan, layers }, { precision });
    await assertRejects(
      () => generate(decoder, [{ input: textInput([7, 8, 9]) }], { maxNewTokens: 2 }),
      Error,
      `its largest logit is NaN; they do so in layer 2. ${advice[precision]}`,
    );
  }
});

Deno.test("requests that cannot be run are refused with the reason", async () => {
  await using decoder = await openRandom();
  const input = textInput([5, 6]);
  const limit = decoder.config.maxPositionEmbeddings;
  const options = { maxNewTokens: 4 };
  const idle = editWith(() => {}, { layers: [1] });
  const cases: [RowRequest[], Partial<GenerateOptions>, string][] = [
    [[], {}, "a batch of no rows"],
    [[{ input: textInput([]) }], {}, "an empty prompt"],
    [[{ input: textInput([5, 520]) }], {}, "token 1 has id 520, the vocabulary 520"],
    [[{ input: textInput([-1]) }], {}, "token 0 has id -1"],
    [[{ input }], { maxNewTokens: limit }, `2 tokens with ${limit} new ones`],
    [[{ input }], { maxNewTokens: 0 }, "0 new tokens"],
    [[{ input }], { deadline: -1 }, "a deadline of -1 ms"],
    [[{ input }], { seed: 0.5 }, "Cannot draw with seed 0.5"],
    [[{ input }], { seed: -1 }, "Cannot draw with seed -1"],
    [[{ input }], { seed: 2 ** 32 }, "Cannot draw with seed 4294967296"],
    [[{ input }], { temperature: NaN }, "temperature NaN"],
    [
      [{ input }],
      { stopTokens: [3, 520] },
      "Cannot stop at token 520: the vocabulary has 0 to 519",
    ],
    [[{ input }], { stopTokens: [0.5] }, "Cannot stop at token 0.5"],
    [[{ input: { ...input, positions: new Int32Array(5) } }], {}, "5 positions for 2 tokens"],
    [[{ input: { ...square, imageEmbeddings: null } }], {}, "16 image tokens need 1536 embedding"],
    [
      [{ input: { ...square, imageTokens: [{ start: 45, count: 16, grid: [1, 8, 8] }] } }],
      {},
      "lie",
    ],
    [[{ input, edits: [{ ...idle, layers: [9] }] }], {}, "Cannot edit layer 9"],
    [[{ input, edits: [{ ...idle, layers: [] }] }], {}, "(function) is [], not a list"],
    [[{ input, capture: {} }], {}, "the capture of row 0: it names nothing"],
    [[{ input, capture: { residual: { layers: [] } } }], {}, "residual.layers is [], not a list"],
    [
      [{ input }, { input, capture: { attentionMass: { queries: [1], masks: [[1, NaN]] } } }],
      {},
      "mask 0 is NaN at token 1",
    ],
    [
      [{ input, capture: { keysValues: { tokens: [0.5] } } }],
      {},
      "keysValues: there is no token 0.5; the prompt has 2 tokens, and 4 are generated",
    ],
    [[{ input, edits: [idle] }], {}, "The function of edit 0 of row 0 changed nothing"],
    [[{ input, capture: { layer: { layers: [6] } } }], {}, "capture layer of layer 6"],
    [[{ input, capture: { keysValues: { tokens: "image" } } }], {}, "the prompt has no image"],
    [
      [{ input, capture: { attentionMass: { queries: [2], masks: [[1, 1]] } } }],
      {},
      "from query 2",
    ],
    [[{ input, capture: { attentionMass: { queries: [1], masks: [[1]] } } }], {}, "has 1 entries"],
  ];
  for (const [rows, changed, message] of cases) {
    await assertRejects(() => generate(decoder, rows, { ...options, ...changed }), Error, message);
  }
});

/** Paths of the objects in a request whose keys are its own: no lists and no arrays of numbers. */
function objectPaths(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  if (Object.getPrototypeOf(value) !== Object.prototype) return [];
  return [
    path,
    ...Object.entries(value).flatMap(([key, part]) => objectPaths(part, [...path, key])),
  ];
}

/** A copy in which the object at a path is changed. */
function changedAt(value: object, path: string[], change: (object: object) => object): object {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  const part = (value as Record<string, object>)[key];
  return { ...value, [key]: changedAt(part, rest, change) };
}

Deno.test("a key that nobody reads is refused, wherever it stands in a request", async () => {
  await using decoder = await openRandom();
  const mask = Array.from(square.ids, () => 1);
  const whole: Required<Omit<RowRequest, "layers">> = {
    input: square,
    edits: [],
    capture: {
      residual: { layers: [1] },
      keysValues: { layers: [2], tokens: [0, 1] },
      attentionMass: { layers: [3], queries: [1], masks: [mask] },
    },
  };
  await forward(decoder, [whole]);
  const paths = objectPaths(whole);
  assertEquals(paths.length, 6);
  const slips: ((key: string, at: number) => string)[] = [
    (key, at) => key.slice(0, at) + key.slice(at + 1),
    (key, at) => key.slice(0, at) + key[at] + key.slice(at),
    (key) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) + "s",
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.constantFrom(...slips),
      fc.tuple(fc.nat(), fc.nat()),
      fc.boolean(),
      async (path, slip, [which, at], instead) => {
        let [meant, wrong] = ["", ""];
        const request = changedAt(whole, path, (object) => {
          const keys = Object.keys(object);
          meant = keys[which % keys.length];
          wrong = slip(meant, at % meant.length);
          const { [meant as keyof object]: value, ...rest } = object;
          return instead ? { ...rest, [wrong]: value } : { ...object, [wrong]: value };
        });
        const { message } = await assertRejects(() => forward(decoder, [request as RowRequest]));
        const known = `it takes no "${wrong}"; did you mean "${meant}"?`;
        assert(message.endsWith(known), `${path.join(".")}: ${message}`);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("an option that nobody reads is refused", async () => {
  await using decoder = await openRandom();
  const rows = [{ input: textInput([5, 6]) }];
  for (
    const [meant, options] of [
      ["stopTokens", { maxNewTokens: 1, stop_tokens: [3] }],
      ["maxNewTokens", { maxNewToken: 1 }],
      ["temperature", { maxNewTokens: 1, temprature: 0.7 }],
    ] as const
  ) {
    const given = options as unknown as GenerateOptions;
    const message = `did you mean "${meant}"?`;
    await assertRejects(() => generate(decoder, rows, given), Error, message);
  }
  const wrong = { logit: "all" } as Parameters<typeof forward>[2];
  await assertRejects(() => forward(decoder, rows, wrong), Error, 'did you mean "logits"?');
});

Deno.test("image tokens stand where the prompt has the image token, and only there", async () => {
  await using decoder = await openRandom();
  const [{ start, count, grid }] = square.imageTokens;
  const at = (places: { start: number; count: number }[]) => ({
    ...square,
    imageTokens: places.map((place) => ({ ...place, grid })),
    imageEmbeddings: new Float32Array(
      places.reduce((sum, { count }) => sum + count, 0) * decoder.config.hiddenSize,
    ),
  });
  const { imageTokenId } = decoder;
  const text = textInput([5, imageTokenId, 7]);
  const cases: [ModelInput, string][] = [
    [at([{ start: start + 1, count }]), `token ${start} is the image token ${imageTokenId}, but`],
    [at([{ start: start - 1, count }]), `token ${start - 1} is said to be of an image, but has id`],
    [at([{ start, count: count - 1 }]), `token ${start + count - 1} is the image token`],
    [at([{ start, count: count + 1 }]), `token ${start + count} is said to be of an image`],
    [at([]), `token ${start} is the image token`],
    [text, "token 1 is the image token"],
    [{ ...square, imageEmbeddings: square.imageEmbeddings!.with(7, NaN) }, "value 7 of its image"],
    [{ ...text, ids: [5, 6] as unknown as Int32Array }, "its ids are not an Int32Array"],
    [{ ...text, ropeDelta: NaN }, "its ropeDelta is NaN"],
  ];
  for (const [input, message] of cases) {
    await assertRejects(() => forward(decoder, [{ input }]), Error, message);
  }
  // Where it is in an answer, it is a token as any other.
  await forward(decoder, [{ input: extendInput(square, [imageTokenId, 6]) }]);
  await forward(decoder, [{ input: extendInput(textInput([5, 6]), [imageTokenId]) }]);
});

Deno.test("a released decoder refuses to run", async () => {
  const decoder = await openRandom();
  await decoder[Symbol.asyncDispose]();
  await decoder[Symbol.asyncDispose]();
  await assertRejects(
    () => generate(decoder, [{ input: textInput([5]) }], { maxNewTokens: 1 }),
    Error,
    "released",
  );
});
