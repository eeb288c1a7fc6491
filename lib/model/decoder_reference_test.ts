/**
 * The decoder against Hugging Face transformers (f32, eager), from the same vision embeddings on:
 * training/reference/make_model_fixtures.py made the numbers.
 */
import { assert, assertEquals } from "@std/assert";
import { Checkpoint } from "../checkpoint/mod.ts";
import { swapVisualTokens, visualTokenIndices, visualTokensOf, zeroLayer } from "./edits/mod.ts";
import { concatenate } from "./tensors.ts";
import { decodeImage } from "./decode_image.ts";
import { Decoder } from "./decoder.ts";
import { extendInput } from "./model_input.ts";
import { forward } from "./forward.ts";
import { generate } from "./generate.ts";
import { processImage, readImageProcessor } from "./image_processor.ts";
import { interpolateLayers, type ModelPlan, planOf, spliceLayers } from "./layer_list.ts";
import { qwenConfigOf } from "./qwen_config.ts";
import type { Precision } from "./linear.ts";
import type { RowRequest } from "./row_plan.ts";
import {
  caseInput,
  maxDifference,
  readReference,
  type ReferenceMeta,
  repositoryFile,
  testdata,
} from "./testdata/reference.ts";
import { VisionTower } from "./vision_tower.ts";

const TOLERANCE = 2e-4;

function openPlan(path: string): ModelPlan {
  using checkpoint = Checkpoint.open(repositoryFile(path));
  return planOf(checkpoint);
}

/** What the donor's own vision encoder makes of a case's image. */
async function donorImage(meta: ReferenceMeta, key: string): Promise<Float32Array> {
  using checkpoint = Checkpoint.open(repositoryFile(meta.donor!));
  const { vision } = qwenConfigOf(checkpoint);
  await using tower = await VisionTower.open({ checkpoint, config: vision });
  const images = meta.cases.find(({ name }) => name === key)!.parts.flatMap((part) =>
    "image" in part ? [part.image] : []
  );
  const processor = readImageProcessor(repositoryFile(meta.processor), vision);
  const patches = await Promise.all(
    images.map(async (file) =>
      processImage(await decodeImage(testdata(`images/${file}`)), processor)
    ),
  );
  return concatenate(await tower.encode(patches));
}

/** Row `row` of an array of the reference. */
function rowOf<T extends Float32Array | Int32Array>(
  { shape, data }: { shape: number[]; data: T },
  row: number,
): T {
  const width = data.length / shape[0];
  return data.subarray(row * width, (row + 1) * width) as T;
}

for (const name of ["tiny", "random", "qwen2_vl"] as const) {
  const reference = readReference(name);
  const { meta, floats, ints } = reference;
  const options = { maxNewTokens: meta.steps };

  /** Runs rows in one batch and compares logits and tokens. */
  const compare = async (
    decoder: Decoder,
    rows: RowRequest[],
    expected: { logits: Float32Array; tokens: Int32Array }[],
  ) => {
    const logits = await forward(decoder, rows);
    const answers = await generate(decoder, rows, options);
    for (const [i, { logits: want, tokens }] of expected.entries()) {
      const difference = maxDifference(logits[i].logits, want);
      assert(difference < TOLERANCE, `row ${i}: logits differ by ${difference}`);
      assertEquals(answers[i].tokens, tokens, `row ${i}`);
    }
    return answers;
  };

  Deno.test(`${name}: prompts with no, one and two images give the reference's logits and tokens`, async () => {
    await using decoder = await Decoder.open(openPlan(meta.model));
    for (const { name: key, all_logits } of meta.cases) {
      const rows = [{ input: caseInput(reference, key) }];
      const [{ logits }] = await forward(decoder, rows, { logits: all_logits ? "all" : "last" });
      const difference = maxDifference(logits, floats(`case.${key}.logits`).data);
      assert(difference < TOLERANCE, `${key}: logits differ by ${difference}`);
      const [{ tokens }] = await generate(decoder, rows, options);
      assertEquals(tokens, rowOf(ints(`case.${key}.tokens`), 0), key);
    }
  });

  Deno.test(`${name}: prompts of different lengths in one batch give the left-padded batch's numbers`, async () => {
    await using decoder = await Decoder.open(openPlan(meta.model));
    const rows = meta.batch.cases.map((key) => ({ input: caseInput(reference, key) }));
    await compare(
      decoder,
      rows,
      rows.map((_, i) => ({
        logits: rowOf(floats("batch.logits"), i),
        tokens: rowOf(ints("batch.tokens"), i),
      })),
    );
  });

  Deno.test(`${name}: a short call limit cuts prompts without changing the numbers`, async () => {
    await using decoder = await Decoder.open(openPlan(meta.model), { tokensPerCall: 20 });
    const rows = [{ input: caseInput(reference, "square") }];
    const [{ logits }] = await forward(decoder, rows, { logits: "all" });
    assert(maxDifference(logits, floats("case.square.logits").data) < TOLERANCE);
  });

  Deno.test(`${name}: weights left in their files give the same numbers, 8-bit weights near ones`, async () => {
    const { data } = floats("case.square.logits");
    const rows = [{ input: caseInput(reference, "square") }];
    const logitsIn = async (precision: Precision) => {
      await using decoder = await Decoder.open(openPlan(meta.model), { precision });
      return (await forward(decoder, rows, { logits: "all" }))[0].logits.data;
    };
    assert(maxDifference(await logitsIn("bf16"), data) < TOLERANCE);
    const approximate = await logitsIn("int8");
    const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
    const error = norm(approximate.map((value, i) => value - data[i])) / norm(data);
    assert(error > 1e-4 && error < 0.1, `8-bit weights change logits by ${error} of their norm`);
  });

  Deno.test(`${name}: hidden states between all layers are the reference's`, async () => {
    await using decoder = await Decoder.open(openPlan(meta.model));
    const input = caseInput(reference, "wide");
    const [{ captured }] = await forward(decoder, [{
      input,
      capture: { residual: {}, layer: {} },
    }]);
    const { numLayers } = decoder.config;
    for (let layer = 0; layer < numLayers; layer++) {
      const last = captured.residual.get(layer)!.row(-1);
      const difference = maxDifference(last, rowOf(floats("hidden.wide"), layer));
      assert(difference < TOLERANCE, `layer ${layer}: ${difference}`);
    }
    assertEquals(captured.residual.get(numLayers - 1), captured.layer.get(numLayers - 2));
  });

  Deno.test(`${name}: a sweep of zero ablations in one batch gives the reference's numbers`, async () => {
    await using decoder = await Decoder.open(openPlan(meta.model));
    const input = caseInput(reference, meta.ablate.case);
    const rows: RowRequest[] = [
      { input },
      ...meta.ablate.layers.map((layer) => ({ input, edits: [zeroLayer(layer)] })),
    ];
    const answers = await compare(decoder, rows, [
      {
        logits: rowOf(floats("case.square.logits"), input.ids.length - 1),
        tokens: rowOf(ints("case.square.tokens"), 0),
      },
      ...meta.ablate.layers.map((_, i) => ({
        logits: rowOf(floats("ablate.logits"), i),
        tokens: rowOf(ints("ablate.tokens"), i),
      })),
    ]);
    for (const [i, { receipts: [receipt] }] of answers.slice(1).entries()) {
      assertEquals(receipt.layers, [i]);
      // The prompt, and every token but the last, which is never fed.
      assertEquals(receipt.calls, meta.steps);
    }
  });

  Deno.test(`${name}: sweeps of visual token swaps in one batch give the reference's numbers`, async () => {
    await using decoder = await Decoder.open(openPlan(meta.model));
    for (const { name: key, target, source_image } of meta.swap) {
      const input = caseInput(reference, target);
      // The source is the target's prompt about another image; case "system" has that of its size.
      const sourceInput = key === "same_size"
        ? { ...input, imageEmbeddings: floats("case.system.vision").data }
        : caseInput(reference, "wide");
      assertEquals(source_image, key === "same_size" ? "other_112x112.png" : "wide_140x84.png");
      const [{ captured }] = await forward(decoder, [
        { input: sourceInput, capture: { keysValues: { tokens: "image" } } },
      ]);
      const source = visualTokensOf(captured);
      const { numLayers } = decoder.config;
      const rows = Array.from({ length: numLayers }, (_, fromLayer): RowRequest => ({
        input,
        edits: [swapVisualTokens(source, { fromLayer })],
      }));
      const answers = await compare(
        decoder,
        rows,
        rows.map((_, i) => ({
          logits: rowOf(floats(`swap.${key}.logits`), i),
          tokens: rowOf(ints(`swap.${key}.tokens`), i),
        })),
      );
      for (const [i, { receipts: [receipt] }] of answers.entries()) {
        assertEquals(receipt.layers.length, numLayers - i);
        assertEquals(receipt.tokens, input.imageTokens[0].count);
        assert(receipt.norm! > 0);
      }
    }
  });

  Deno.test(`${name}: attention mass on the image is the reference's, prompt and answer`, async () => {
    await using decoder = await Decoder.open(openPlan(meta.model));
    for (const { case: key } of meta.attention) {
      const prompt = caseInput(reference, key);
      const input = extendInput(prompt, rowOf(ints(`case.${key}.tokens`), 0));
      const visual = new Set(visualTokenIndices(prompt));
      const mask = Array.from(input.ids, (_, i) => visual.has(i) ? 1 : 0);
      const queries = Array.from(
        { length: 1 + meta.steps },
        (_, step) => prompt.ids.length - 1 + step,
      );
      const capture = { attentionMass: { queries, masks: [mask, mask.map((entry) => 1 - entry)] } };
      const [{ captured }] = await forward(decoder, [{ input, capture }]);
      const { numLayers, numHeads } = decoder.config;
      const { data } = floats(`attention.${key}`); // [queries, layers, heads]
      for (let layer = 0; layer < numLayers; layer++) {
        const mass = captured.attentionMass.get(layer)!.data;
        for (let head = 0; head < numHeads; head++) {
          for (const [q] of queries.entries()) {
            const [image, rest] = mass.subarray((head * queries.length + q) * 2);
            const want = data[(q * numLayers + layer) * numHeads + head];
            assert(Math.abs(image - want) < 1e-4, `${key} ${layer} ${head} ${q}: ${image} ${want}`);
            assert(Math.abs(image + rest - 1) < 1e-5);
          }
        }
      }
    }
  });

  if (!meta.merge) continue;
  const { case: mergeCase, runs } = meta.merge;
  Deno.test(`${name}: splices and interpolations of two checkpoints give the reference's numbers`, async () => {
    const model = openPlan(meta.model);
    const donor = openPlan(meta.donor!);
    for (const { name: key, rest, layers, alpha, component } of runs) {
      let plan: ModelPlan;
      if (alpha === undefined) {
        const [base, other] = rest === "model" ? [model, donor] : [donor, model];
        const taken = layers.flatMap((from, layer) => from === rest ? [] : [layer]);
        plan = spliceLayers(base, other, { layers: taken });
      } else {
        plan = interpolateLayers(model, donor, {
          layers: layers.map(Number),
          alpha,
          part: component,
        });
      }
      await using decoder = await Decoder.open(plan);
      const input = caseInput(reference, mergeCase);
      const own = rest === "donor"
        ? { ...input, imageEmbeddings: await donorImage(meta, mergeCase) }
        : input;
      await compare(decoder, [{ input: own }], [{
        logits: rowOf(floats(`merge.${key}.logits`), 0),
        tokens: rowOf(ints(`merge.${key}.tokens`), 0),
      }]);
    }
  });
}
