import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Checkpoint } from "../checkpoint/mod.ts";
import { forward } from "./forward.ts";
import { Decoder } from "./decoder.ts";
import {
  interpolateLayers,
  type InterpolateOptions,
  type ModelPlan,
  planOf,
  spliceLayers,
} from "./layer_list.ts";
import { addNoise, type NoiseOptions } from "./noise.ts";
import { randomPlan, textInput } from "./testdata/random_model.ts";
import { maxDifference } from "./testdata/reference.ts";
import { writeSyntheticCheckpoint } from "./testdata/synthetic_checkpoint.ts";
import type { ValuesTensor } from "./weight_source.ts";

const SHAPE = {
  hiddenSize: 32,
  intermediateSize: 48,
  numLayers: 3,
  numHeads: 2,
  numKvHeads: 1,
  vocabSize: 40,
};

function synthetic(folder: string, change = {}, seed = 1): Checkpoint {
  writeSyntheticCheckpoint(folder, { ...SHAPE, ...change }, seed);
  return Checkpoint.open(folder);
}

async function logitsOf(plan: ModelPlan): Promise<Float32Array> {
  await using decoder = await Decoder.open(plan);
  return (await forward(decoder, [{ input: textInput([6, 7, 8]) }]))[0].logits.data;
}

Deno.test("fields that disagree with tensors are named with them", () => {
  const folder = Deno.makeTempDirSync();
  using good = synthetic(folder);
  planOf(good);
  const config = JSON.parse(Deno.readTextFileSync(join(folder, "config.json")));
  Deno.writeTextFileSync(
    join(folder, "config.json"),
    JSON.stringify({ ...config, tie_word_embeddings: false, intermediate_size: 64 }),
  );
  using bad = Checkpoint.open(folder);
  const { message } = assertThrows(() => planOf(bad), Error);
  for (
    const part of [
      "1 missing: lm_head.weight",
      "text_config.intermediate_size 64 means 64 for dimension 0 of " +
      "model.layers.0.mlp.gate_proj.weight, which is [48, 32], not [64, 32] (and so for 8 more)",
    ]
  ) assert(message.includes(part), `${part} is not in: ${message}`);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a checkpoint spliced or blended with itself is itself; the ends of a blend are its parts", async () => {
  const folder = Deno.makeTempDirSync();
  using first = synthetic(join(folder, "a"));
  using second = synthetic(join(folder, "b"), {}, 2);
  const [a, b] = [planOf(first), planOf(second)];
  const all = [0, 1, 2];
  const plain = await logitsOf(a);
  const other = await logitsOf({ ...a, layers: b.layers });
  assert(maxDifference(plain, other) > 1e-3);
  const same = async (plan: ModelPlan, expected: Float32Array) =>
    assert(maxDifference(await logitsOf(plan), expected) <= 1e-6);
  await same(spliceLayers(a, a, { layers: [1] }), plain);
  await same(spliceLayers(a, b, { layers: all }), other);
  await same(interpolateLayers(a, a, { layers: all, alpha: 0.5 }), plain);
  await same(interpolateLayers(a, b, { layers: all, alpha: 1 }), other);
  await same(interpolateLayers(a, b, { layers: all, alpha: 0 }), plain);
  await same(await addNoise(a, { layers: all, amount: 0 }), plain);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("edits that cannot be are refused with the reason", async () => {
  const folder = Deno.makeTempDirSync();
  using small = synthetic(folder);
  const a = randomPlan();
  const b = planOf(small);
  const blended = interpolateLayers(b, b, { layers: [0], alpha: 0.5 });
  const cases: [() => unknown, string][] = [
    [() => spliceLayers(a, b, { layers: [0] }), "Cannot splice: the models' hiddenSize differ"],
    [
      () => spliceLayers(b, b, { layers: [3] }),
      "Cannot splice layer 3: the model has layers 0 to 2",
    ],
    [() => interpolateLayers(b, b, { layers: [0], alpha: NaN }), "alpha is NaN"],
    [
      () => interpolateLayers(blended, b, { layers: [0], alpha: 0.5 }),
      "only tensors of checkpoints",
    ],
    [() => spliceLayers(b, b, { layers: [] }), "layers is [], not a list of one or more"],
    [() => interpolateLayers(b, b, { layers: [0], alpha: 1, part: "MLP" as "mlp" }), 'mean "mlp"?'],
    [
      () => interpolateLayers(b, b, { layers: [0], alpha: 1, prat: "mlp" } as InterpolateOptions),
      'did you mean "part"?',
    ],
  ];
  for (const [run, message] of cases) assertThrows(run, Error, message);
  const noise: [NoiseOptions, string][] = [
    [{ layers: [0], amount: 1, sed: 5 } as NoiseOptions, 'mean "seed"?'],
    [{ layers: [0], amount: 1, seed: 0.5 }, "seed 0.5"],
    [{ layers: [0], amount: 2 }, "the amount is 2"],
    [{ layers: [-1], amount: 0.5 }, "layer -1"],
  ];
  for (const [options, message] of noise) {
    await assertRejects(() => addNoise(b, options), Error, message);
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("noise has the deviation asked for, repeats with its seed and keeps to its part", async () => {
  const folder = Deno.makeTempDirSync();
  using checkpoint = synthetic(folder, { intermediateSize: 2048 });
  const plan = planOf(checkpoint);
  const values = (noisy: ModelPlan, key: "up" | "q") =>
    (noisy.layers[1][key] as ValuesTensor).values;
  const noisy = await addNoise(plan, { layers: [1], amount: 0.4, seed: 9, part: "mlp" });
  const original = checkpoint.read("model.layers.1.mlp.up_proj.weight");
  const deviation = (list: ArrayLike<number>) =>
    Math.sqrt(Array.from(list).reduce((sum, value) => sum + value * value, 0) / list.length);
  const added = values(noisy, "up").map((value, i) => value - 0.6 * original[i]);
  const ratio = deviation(added) / deviation(original);
  assert(Math.abs(ratio - 0.4) < 0.01, `${ratio}`);
  // Noise, not a copy: uncorrelated with the weights.
  const correlation = added.reduce((sum, value, i) => sum + value * original[i], 0) /
    (original.length * deviation(added) * deviation(original));
  assert(Math.abs(correlation) < 0.02, `${correlation}`);
  const again = await addNoise(plan, { layers: [1, 2], amount: 0.4, seed: 9 });
  assertEquals(values(again, "up"), values(noisy, "up"));
  const other = await addNoise(plan, { layers: [1], amount: 0.4, seed: 10 });
  assert(maxDifference(values(other, "up"), values(noisy, "up")) > 0);
  assertEquals(noisy.layers[1].q, plan.layers[1].q);
  assertEquals(noisy.layers[0], plan.layers[0]);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("noise is made in parts, whose values are those of one go; timers and aborts come between", async () => {
  const folder = Deno.makeTempDirSync();
  using checkpoint = synthetic(folder, { intermediateSize: 6001 });
  const plan = planOf(checkpoint);
  const stop = new AbortController();
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const options = { layers: [1], amount: 0.4, seed: 9, signal: stop.signal };
  const noisy = await addNoise(plan, options);
  assert(turns > 0);
  // Of the tensor's 192,032 values, by a version that made them in one go.
  const { values } = noisy.layers[1].up as ValuesTensor;
  const hash = createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");
  assertEquals(hash.slice(0, 16), "b07b627c7520f392");
  setTimeout(() => stop.abort(new Error("stopped")), 0);
  await assertRejects(() => addNoise(plan, options), Error, "stopped");
  clearInterval(timer);
  Deno.removeSync(folder, { recursive: true });
});
