/** The same on a GPU as on the host: rows of every kind, captures, splices, the vision encoder. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Checkpoint } from "../checkpoint/mod.ts";
import { DeviceMemoryError } from "./session.ts";
import { concatenate } from "./tensors.ts";
import { decodeImage } from "./decode_image.ts";
import { Decoder } from "./decoder.ts";
import {
  ablateHeads,
  addVector,
  editWith,
  knockoutAttention,
  patch,
  scale,
  swapVisualTokens,
  visualTokensOf,
  zeroLayer,
} from "./edits/mod.ts";
import { extendInput } from "./model_input.ts";
import { forward } from "./forward.ts";
import { generate } from "./generate.ts";
import { processImage, readImageProcessor } from "./image_processor.ts";
import { interpolateLayers, planOf, spliceLayers } from "./layer_list.ts";
import { LayerSessions } from "./layer_sessions.ts";
import { addNoise } from "./noise.ts";
import { qwenConfigOf } from "./qwen_config.ts";
import type { RowRequest } from "./row_plan.ts";
import { checkDevice } from "./self_check.ts";
import { gpuTest } from "./testdata/gpu.ts";
import { randomPlan, textInput } from "./testdata/random_model.ts";
import { compareReceipts } from "./testdata/receipts.ts";
import {
  caseInput,
  maxDifference,
  readReference,
  repositoryFile,
  testdata,
} from "./testdata/reference.ts";
import { VisionTower } from "./vision_tower.ts";

const GPU = { device: "webgpu", precision: "f32" } as const;
/** Logits of scale 15; measured: 2e-5. */
const TOLERANCE = 2e-4;

const reference = readReference("random");
const [square, wide] = ["square", "wide"].map((name) => caseInput(reference, name));

/** Layers of both devices, opened once: a GPU compiles for seconds. */
const devices = new AsyncDisposableStack();
const [onHost, onGpu] = [{}, GPU].map((options) => devices.use(new LayerSessions(options)));
const plan = randomPlan();
Deno.test.afterAll(() => devices.disposeAsync());

/** Both decoders over the random checkpoint. */
async function both(test: (host: Decoder, gpu: Decoder) => Promise<void>, tokensPerCall?: number) {
  await using host = await Decoder.open(plan, { layerSessions: onHost });
  await using gpu = await Decoder.open(plan, { layerSessions: onGpu, tokensPerCall });
  await test(host, gpu);
}

async function compare(
  host: Decoder,
  gpu: Decoder,
  rows: RowRequest[],
  { maxNewTokens = 5, stopTokens }: { maxNewTokens?: number; stopTokens?: number[] } = {},
) {
  const [want, got] = [await forward(host, rows), await forward(gpu, rows)];
  for (const [i, { logits, receipts }] of want.entries()) {
    const difference = maxDifference(logits, got[i].logits);
    assert(difference < TOLERANCE, `row ${i}: ${difference}`);
    compareReceipts(got[i].receipts, receipts);
  }
  const options = { maxNewTokens, stopTokens, generation: { repetition_penalty: 1.3 } };
  const [answers, others] = [
    await generate(host, rows, options),
    await generate(gpu, rows, options),
  ];
  for (const [i, { tokens, finish }] of answers.entries()) {
    assertEquals([...others[i].tokens], [...tokens], `row ${i}`);
    assertEquals(others[i].finish, finish);
  }
}

const shift = editWith(({ values }) => {
  for (let i = 0; i < values.length; i++) values[i] += 0.1;
}, { layers: [2] });

gpuTest(
  "a batch of every intervention, prompts shared and not, rows that leave",
  () =>
    both(async (host, gpu) => {
      const capture = { keysValues: { tokens: "image" } } as const;
      const sources = [];
      for (const decoder of [host, gpu]) {
        const [{ captured }] = await forward(decoder, [{ input: wide, capture }]);
        sources.push(visualTokensOf(captured));
      }
      for (const [layer, keys] of sources[0].keys.entries()) {
        assert(maxDifference(keys, sources[1].keys[layer]) < TOLERANCE);
      }
      const [source] = sources;
      const ramp = Float32Array.from({ length: host.config.hiddenSize }, (_, i) => i / 100);
      const long = textInput(Array.from({ length: 40 }, (_, i) => 3 * i % 200));
      const alike = textInput([...long.ids.subarray(0, 35), 9, 8]);
      const rows = (decoder: Decoder): RowRequest[] => {
        const [first, second, ...rest] = decoder.layers;
        return [
          { input: square },
          ...[0, 2, 3].map((fromLayer) => ({
            input: square,
            edits: [swapVisualTokens(source, { fromLayer })],
          })),
          ...[0, 1, 3].map((layer) => ({ input: long, edits: [zeroLayer(layer)] })),
          { input: long },
          { input: alike },
          { input: alike, edits: [zeroLayer(0, 1, 2, 3)] },
          { input: wide, edits: [shift] },
          {
            input: square,
            edits: [
              addVector(ramp, { layers: [1], tokens: "question" }),
              scale(0.5, { site: "mlp", layers: [1, 2] }),
              ablateHeads([1], { layers: [2], tokens: "generated" }),
            ],
          },
          {
            input: square,
            edits: [
              knockoutAttention({ layers: [1], heads: [0, 2], from: "question", to: "image" }),
              knockoutAttention({ layers: [3], from: "generated", to: [0, 1] }),
              patch({ data: ramp, dims: [1, ramp.length] }, {
                site: "attention",
                layers: [2],
                tokens: [40],
              }),
            ],
          },
          { input: wide, layers: [second, first, ...rest] },
          { input: textInput([7, 8, 9]) },
        ];
      };
      const stops = Array.from({ length: 60 }, (_, i) => i);
      const own = rows(host);
      const other = rows(gpu);
      // Both run the same layers, which are one plan's objects.
      assertEquals(own.at(-2)!.layers![0] === other.at(-2)!.layers![0], true);
      await compare(host, gpu, own, { stopTokens: stops });
    }),
);

gpuTest(
  "captures of hidden states, keys, values and attention mass, prompts cut into calls",
  () =>
    both(async (host, gpu) => {
      const input = extendInput(square, [5, 6, 7]);
      const masks = [0, 1].map((part) => Array.from(input.ids, (_, i) => i % 2 === part ? 1 : 0));
      const capture = {
        residual: {},
        heads: { tokens: "generated" },
        mlp: { layers: [0, 1, 2, 3] },
        keysValues: { tokens: [2, 3, 4, 9] },
        attentionMass: { queries: [3, 20, input.ids.length - 1], masks },
      } as const;
      const rows: RowRequest[] = [{ input, capture }, { input: textInput([1, 2, 3]) }];
      const [[want], [got]] = [await forward(host, rows), await forward(gpu, rows)];
      for (const part of ["residual", "heads", "mlp", "keys", "values", "attentionMass"] as const) {
        assertEquals(got.captured[part].size, want.captured[part].size);
        assert(want.captured[part].size >= 4);
        for (const [layer, values] of want.captured[part]) {
          const difference = maxDifference(values, got.captured[part].get(layer)!);
          assert(difference < 5e-5, `${part} of layer ${layer}: ${difference}`);
        }
      }
    }, 16),
);

gpuTest("splices, interpolations and noise of weights in every place they come from", async () => {
  const [donor] = [{ ...plan, layers: plan.layers.toReversed() }];
  const plans = [
    spliceLayers(plan, donor, { layers: [1, 2] }),
    interpolateLayers(plan, donor, { layers: [0, 3], alpha: 0.3 }),
    await addNoise(plan, { layers: [1], amount: 0.2 }),
  ];
  const rows = plans.map(({ layers }) => ({ input: square, layers }));
  await both((host, gpu) => compare(host, gpu, rows, { maxNewTokens: 3 }));
});

gpuTest("a copy of a model, and a splice of both, are the model itself", async () => {
  const copy = { ...plan, layers: plan.layers.map((weights) => ({ ...weights })) };
  const spliced = spliceLayers(plan, copy, { layers: [1, 2] });
  await using gpu = await Decoder.open(plan, { layerSessions: onGpu });
  const logits = [];
  for (const { layers } of [plan, spliced, copy]) {
    const [first] = await forward(gpu, [{ input: square, layers }], { logits: "all" });
    logits.push([...first.logits.data]);
  }
  assertEquals(logits[1], logits[0]);
  assertEquals(logits[2], logits[0]);
});

gpuTest(
  "two generations at a time wait for each other",
  () =>
    both(async (host, gpu) => {
      const options = { maxNewTokens: 4 };
      const rows = [[{ input: square }], [{ input: textInput([7, 8, 9]) }]];
      const answers = await Promise.all(rows.map((own) => generate(gpu, own, options)));
      for (const [i, own] of rows.entries()) {
        const [{ tokens }] = await generate(host, own, options);
        assertEquals(answers[i][0].tokens, tokens);
      }
    }),
);

gpuTest("the vision encoder", async () => {
  const checkpoint = Checkpoint.open(repositoryFile(reference.meta.model));
  using _ = checkpoint;
  const config = qwenConfigOf(checkpoint).vision;
  const processor = readImageProcessor(repositoryFile(reference.meta.processor), config);
  const images = await Promise.all(
    ["square_112x112.png", "tall_112x196.png", "wide_140x84.png"].map(async (file) =>
      processImage(await decodeImage(testdata(`images/${file}`)), processor)
    ),
  );
  await using host = await VisionTower.open({ checkpoint, config });
  await using gpu = await VisionTower.open({ checkpoint, config }, GPU);
  const [want, got] = [await host.encode(images), await gpu.encode(images)];
  const difference = maxDifference(concatenate(got), concatenate(want));
  assert(difference < 2e-4, `${difference}`);
});

gpuTest("numbers out of range are an error that names row, token and layer", async () => {
  const { shape } = plan.layers[2].down as { shape: readonly number[] };
  const values = new Float32Array(shape[0] * shape[1]).fill(NaN);
  const layers = plan.layers.map((weights, layer) =>
    layer === 2 ? { ...weights, down: { name: "damaged", shape, values } } : weights
  );
  const input = textInput([7, 8, 9]);
  await both(async (...decoders) => {
    for (const decoder of decoders) {
      const rows = [{ input }, { input, layers }];
      await assertRejects(
        () => generate(decoder, rows, { maxNewTokens: 2 }),
        Error,
        "Row 1, token 0: The model's numbers left their range: its largest logit is NaN; they do so " +
          "in layer 2",
      );
    }
  });
});

gpuTest("a device that computes something else is refused by name", async () => {
  await using gpu = await Decoder.open(plan, { layerSessions: onGpu });
  const { difference } = (await checkDevice(gpu, plan))!;
  assert(difference < 1e-5, `${difference}`);
  // The host reads other weights than the device was given.
  const other = { ...plan, layers: plan.layers.slice(1) };
  await gpu.openLayers(other.layers);
  gpu.finish = (_, x) => Promise.resolve(x);
  await assertRejects(() => checkDevice(gpu, other), Error, "differ from the host's by");
});

Deno.test("rows that the device has no memory for are done in halves, and it is said", async () => {
  await using decoder = await Decoder.open(plan, { layerSessions: onHost });
  const rows = [3, 4, 5, 6, 7].map((id) => ({ input: textInput([id, 8]) }));
  const options = { maxNewTokens: 3 };
  const want = await generate(decoder, rows, options);
  const likeliest = decoder.likeliest.bind(decoder);
  decoder.likeliest = (x, edits) => {
    if (x.dims[0] > 2) throw new DeviceMemoryError("full");
    return likeliest(x, edits);
  };
  const { warn } = console;
  const said: string[] = [];
  console.warn = (text: string) => said.push(text);
  try {
    const seen: number[] = [];
    const got = await generate(decoder, rows, {
      ...options,
      onToken: ({ row, step }) => step === 0 && seen.push(row),
    });
    assertEquals(got.map(({ tokens }) => tokens), want.map(({ tokens }) => tokens));
    assertEquals(seen.toSorted(), [0, 1, 2, 3, 4]);
  } finally {
    console.warn = warn;
  }
  assertEquals(said.map((text) => /for (\d) rows; going on with (\d)/.exec(text)?.slice(1)), [
    ["5", "3"],
    ["3", "2"],
  ]);
});

gpuTest("precisions that a device does not have are refused", async () => {
  for (const [device, precision] of [["webgpu", "int8"], ["cpu", "f16"]] as const) {
    await assertRejects(
      () => Decoder.open(plan, { device, precision }),
      Error,
      `Cannot run in ${precision} on ${device}`,
    );
  }
});

gpuTest("the embedded model, as in the reference's cases", async () => {
  const tiny = readReference("tiny");
  using checkpoint = Checkpoint.open(repositoryFile(tiny.meta.model));
  const plan = planOf(checkpoint);
  // Its own head shape; prompts with two images and with none.
  const rows = ["two_images", "text"].map((name) => ({ input: caseInput(tiny, name) }));
  await using host = await Decoder.open(plan);
  await using gpu = await Decoder.open(plan, GPU);
  await compare(host, gpu, rows, { maxNewTokens: 2 });
});
