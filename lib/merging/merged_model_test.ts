import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { Checkpoint } from "../checkpoint/mod.ts";
import { Decoder } from "../model/decoder.ts";
import { forward } from "../model/forward.ts";
import { type ModelPlan, planOf } from "../model/layer_list.ts";
import { textInput } from "../model/testdata/random_model.ts";
import { maxDifference } from "../model/testdata/reference.ts";
import { writeSyntheticCheckpoint } from "../model/testdata/synthetic_checkpoint.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { mergedModel } from "./merged_model.ts";
import { planMerge } from "./merge_plan.ts";
import { PAPER_SPLICES, REST_SPLICES } from "./paper_splices.ts";
import { writeMerge } from "./write_merge.ts";

const SHAPE = {
  hiddenSize: 32,
  intermediateSize: 48,
  numLayers: 3,
  numHeads: 2,
  numKvHeads: 1,
  vocabSize: 40,
};

async function logitsOf(plan: ModelPlan): Promise<Float32Array> {
  await using decoder = await Decoder.open(plan);
  return (await forward(decoder, [{ input: textInput([6, 7, 8, 9]) }]))[0].logits.data;
}

interface Parents {
  checkpoints: Map<string, Checkpoint>;
  models: Map<string, ModelPlan>;
  folder: string;
}

function withParents(use: (parents: Parents) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const open = (name: string, seed: number) => {
      writeSyntheticCheckpoint(join(folder, name), SHAPE, seed);
      return Checkpoint.open(join(folder, name));
    };
    using sft = open("sft", 1);
    using rl = open("rl", 2);
    const checkpoints = new Map([["sft", sft], ["rl", rl]]);
    const models = new Map([...checkpoints].map(([name, model]) => [name, planOf(model)]));
    await use({ checkpoints, models, folder });
  });
}

/** Largest difference of logits between running a merge and running what is written of it. */
async function runAndWrite(expression: string, { checkpoints, models, folder }: Parents) {
  const plan = planMerge(expression, { numLayers: SHAPE.numLayers });
  const output = join(folder, crypto.randomUUID());
  await writeMerge(plan, checkpoints, { output });
  using written = Checkpoint.open(output);
  const running = await logitsOf(await mergedModel(plan, models));
  return { running, difference: maxDifference(running, await logitsOf(planOf(written))) };
}

Deno.test("a running merge gives the logits of the written one, bit for bit where layers are taken", () =>
  withParents(async (parents) => {
    const sft = await logitsOf(parents.models.get("sft")!);
    const seen = [sft, await logitsOf(parents.models.get("rl")!)];
    const exact = [
      ...[...PAPER_SPLICES, ...REST_SPLICES].map(({ expression }) => expression),
      "sft layers 1-2 interpolate rl alpha=1 component=attn",
      "sft late 1/3 layers interpolate rl alpha=1 component=mlp",
    ];
    for (const expression of exact) {
      const { running, difference } = await runAndWrite(expression, parents);
      assertEquals(difference, 0, expression);
      for (const other of seen) assert(maxDifference(running, other) > 1e-3, expression);
      seen.push(running);
    }
    for (
      const change of ["interpolate rl alpha=0", "ablate noise=0", "interpolate sft alpha=0.5"]
    ) {
      const { running, difference } = await runAndWrite(`sft layers 0-2 ${change}`, parents);
      assertEquals([difference, maxDifference(running, sft)], [0, 0], change);
    }
  }));

Deno.test("computed layers differ from the written ones by rounding alone", () =>
  withParents(async (parents) => {
    const sft = await logitsOf(parents.models.get("sft")!);
    for (const change of ["interpolate rl alpha=0.4 component=attn", "ablate noise=0.3"]) {
      const { running, difference } = await runAndWrite(`sft layers 1-2 ${change}`, parents);
      const effect = maxDifference(running, sft);
      assert(difference < 0.05 * effect, `${change}: ${difference} of ${effect}`);
    }
  }));

Deno.test("models that are missing or of another depth are refused", () =>
  withParents(async ({ models }) => {
    const expression = "sft early 1/3 layers + rl late 2/3 layers";
    const plan = planMerge(expression, { numLayers: SHAPE.numLayers });
    const [sft] = models.values();
    await assertRejects(() => mergedModel(plan, new Map([["sft", sft]])), Error, "given for rl");
    await assertRejects(
      () => mergedModel(planMerge(expression, { numLayers: 5 }), models),
      Error,
      "sft has 3 decoder layers, the plan 5",
    );
  }));
