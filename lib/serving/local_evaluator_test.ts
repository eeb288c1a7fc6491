import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { Checkpoint } from "../checkpoint/mod.ts";
import { mergedModel, type MergePlan, planMerge, writeMerge } from "../merging/mod.ts";
import { type ModelPlan, planOf, scale, VisionLanguageModel, zeroLayer } from "../model/mod.ts";
import { tinyFolder } from "../testing/tiny_model.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import type { EvaluateOptions, EvaluationRequest, EvaluationResponse } from "./evaluator.ts";
import { drawSample, loadBenchmark, loadSample } from "../findings/abilities/sampled_questions.ts";
import { EXPERIMENTS } from "../findings/abilities/experiment_types.ts";
import { LocalEvaluator, type LocalEvaluatorOptions, type LocalModel } from "./local_evaluator.ts";
import { type InputType, type Question, questionMessages } from "../benchmarks/prompts.ts";

const KIND = "reasoner";
const OPTIONS = { maxNewTokens: 28, temperature: 0, timeoutSeconds: 1000 };

/** IN and RL, and plans of merges of them. */
class Parents implements Disposable {
  readonly checkpoints = new Map(
    (["sft", "rl"] as const).map((role) => [
      role as string,
      Checkpoint.open(tinyFolder(role === "sft" ? "in" : "rl")),
    ]),
  );
  readonly plans = new Map([...this.checkpoints].map(([role, open]) => [role, planOf(open)]));

  merge(expression: string): MergePlan {
    return planMerge(expression, { numLayers: 12 });
  }

  /** A parent by its role, or a merge. */
  async plan(name: string): Promise<ModelPlan> {
    return this.plans.get(name) ?? await mergedModel(this.merge(name), this.plans);
  }

  models(...names: string[]): Promise<LocalModel[]> {
    return Promise.all(names.map(async (name) => ({
      name,
      kind: KIND,
      identity: {},
      plan: await this.plan(name),
    })));
  }

  [Symbol.dispose]() {
    for (const checkpoint of this.checkpoints.values()) checkpoint[Symbol.dispose]();
  }
}

interface AskedQuestion {
  question: Question;
  inputType: InputType;
}

/** Two questions about images, each in two settings, and one in words. */
async function questions(): Promise<AskedQuestion[]> {
  const [perception, alignment, reasoning] = EXPERIMENTS.v1;
  const asked: AskedQuestion[] = [];
  for (const experiment of [perception, alignment, reasoning]) {
    const { items } = await loadBenchmark(experiment.dataset, "embedded");
    const ids = drawSample(experiment, items, { size: 1, seed: 123 });
    for (const question of await loadSample(experiment, items, ids)) {
      for (const { inputType } of experiment.settings) asked.push({ question, inputType });
    }
  }
  return asked;
}

function requestsOf(asked: readonly AskedQuestion[], models: readonly LocalModel[]) {
  return asked.flatMap(({ question, inputType }, i) =>
    models.map(({ name }): EvaluationRequest => ({
      model: name,
      key: `${name} ${i}`,
      question,
      inputType,
    }))
  );
}

/** Texts by key, in the order in which they came. */
async function answers(
  models: readonly LocalModel[],
  requests: readonly EvaluationRequest[],
  { run, ...options }: Partial<EvaluateOptions> & { run?: LocalEvaluatorOptions } = {},
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  await using evaluator = new LocalEvaluator(models, run);
  await evaluator.evaluate(requests, {
    ...OPTIONS,
    ...options,
    onResponse: ({ key }, { text }) => {
      assert(!texts.has(key));
      texts.set(key, text);
    },
  });
  return texts;
}

/** Keys and texts of each model in the order in which they came; models may overtake each other. */
function byModel(texts: Map<string, string>) {
  const models = Map.groupBy(texts, ([key]) => key.replace(/ \d+$/, ""));
  return Object.fromEntries([...models].sort(([a], [b]) => a < b ? -1 : 1));
}

Deno.test("models that share batches answer as each alone, opened by itself", async () => {
  using parents = new Parents();
  const models = await parents.models(
    "sft",
    "rl",
    "sft early 1/3 layers + rl late 2/3 layers",
    "sft early 2/3 layers + rl late 1/3 layers",
    "rl middle 1/3 layers replaced by sft",
    "sft layers 2-9 interpolate rl alpha=0.5 component=mlp",
    "rl layers 0-3 ablate noise=0.3",
  );
  const [IN, RL] = models;
  const edited = [
    { ...IN, name: "edited IN", edits: [scale(0.5, { site: "mlp", layers: [4] })] },
    { ...RL, name: "edited RL", edits: [zeroLayer(2), scale(2, { site: "heads", layers: [7] })] },
  ];
  // One of them is the first of its family, whose plan is opened for all.
  models.unshift(...edited.map(({ edits, ...model }) => ({
    ...model,
    plan: { ...model.plan, edits },
  })));
  const asked = await questions();
  const together = await answers(models, requestsOf(asked, models));
  assertEquals(together.size, models.length * asked.length);
  for (const { name, plan } of models) {
    await using model = await VisionLanguageModel.open(plan);
    const inputs = await model.prepare(
      asked.map(({ question, inputType }) => questionMessages(question, { kind: KIND, inputType })),
    );
    for (const [i, input] of inputs.entries()) {
      const [{ tokens }] = await model.generate([{ input }], { maxNewTokens: 28 });
      assertEquals(together.get(`${name} ${i}`), model.decode(tokens), `${name}, question ${i}`);
    }
  }
  // The models do differ, or this would prove nothing.
  const texts = models.map(({ name }) => asked.map((_, i) => together.get(`${name} ${i}`)).join());
  assertEquals(new Set(texts).size, models.length);
});

Deno.test("splices answer as the same merges written and loaded again", () =>
  withTempFolder(async (folder) => {
    using parents = new Parents();
    const expressions = [
      "sft early 1/3 + rl middle 1/3 + sft late 1/3 layers",
      "rl early 1/3 layers + sft late 2/3 layers",
    ];
    const asked = await questions();
    const models = await parents.models(...expressions);
    const texts = await answers(models, requestsOf(asked, models));
    for (const [i, name] of expressions.entries()) {
      const output = join(folder, String(i));
      await writeMerge(parents.merge(name), parents.checkpoints, { output });
      using checkpoint = Checkpoint.open(output);
      const written = [{ name, kind: KIND, identity: {}, plan: planOf(checkpoint) } as const];
      for (const [key, text] of await answers(written, requestsOf(asked, written))) {
        assertEquals(text, texts.get(key), key);
      }
    }
  }));

Deno.test("interpolation at 0 and at 1 answers as the parents do", async () => {
  using parents = new Parents();
  const asked = await questions();
  const pairs = [
    ["sft", "sft layers 0-11 interpolate rl alpha=0"],
    ["sft layers 0-11 replaced by rl", "sft layers 0-11 interpolate rl alpha=1"],
    ["rl middle 1/3 layers replaced by sft", "rl middle 1/3 layers interpolate sft alpha=1"],
  ];
  const models = await parents.models(...pairs.flat());
  const texts = await answers(models, requestsOf(asked, models));
  for (const [parent, blend] of pairs) {
    for (const i of asked.keys()) {
      assertEquals(texts.get(`${blend} ${i}`), texts.get(`${parent} ${i}`));
    }
  }
  // All layers of RL between IN's embedding and head: RL itself, where those are RL's too.
  const rl = await parents.plan("rl");
  const { layers } = await parents.plan("sft layers 0-11 interpolate rl alpha=1");
  const hybrid = { name: "hybrid", kind: KIND, identity: {}, plan: { ...rl, layers } } as const;
  const both = [...await parents.models("rl"), hybrid];
  const same = await answers(both, requestsOf(asked, both));
  for (const i of asked.keys()) assertEquals(same.get(`hybrid ${i}`), same.get(`rl ${i}`));
});

Deno.test("what is done is not told again, and the rest comes out the same, batch by batch", async () => {
  using parents = new Parents();
  const models = await parents.models("sft", "sft early 1/3 layers + rl late 2/3 layers", "rl");
  const requests = requestsOf(await questions(), models);
  const run = { maxRows: 5 };
  const whole = await answers(models, requests, { run });
  assertEquals([...whole.keys()].sort(), requests.map(({ key }) => key).sort());
  for (const share of [2, 3]) {
    const done = new Set([...whole.keys()].filter((_, i) => i % share === 0));
    const rest = await answers(models, requests, { run, done });
    const missing = [...whole].filter(([key]) => !done.has(key));
    assertEquals(byModel(rest), byModel(new Map(missing)));
  }
  const none = await answers(models, requests, { done: new Set(whole.keys()) });
  assertEquals(none.size, 0);
});

Deno.test("answers and their order do not depend on how many threads there are", async () => {
  using parents = new Parents();
  const asked = await questions();
  const models = await parents.models("sft", "sft early 1/3 layers + rl late 2/3 layers", "rl");
  const [{ plan }] = models;
  models.push({
    ...models[0],
    name: "edited IN",
    plan: { ...plan, edits: [scale(0, { site: "mlp", layers: [4] })] },
  });
  const apart = models.map((model, i) => ({ ...model, batchGroup: i }));
  const requests = requestsOf(asked, models);
  for (const list of [models, apart]) {
    const [one, two] = [
      await answers(list, requests, { run: { workers: 1 } }),
      await answers(list, requests, { run: { workers: 2 } }),
    ];
    assertEquals(byModel(two), byModel(one));
  }
});

Deno.test("what fails in a thread, or while it is told, ends the evaluation", async () => {
  using parents = new Parents();
  const models = await parents.models("sft", "rl");
  const requests = requestsOf(await questions(), models);
  const run = { workers: 2 };
  await assertRejects(() => answers(models, requests, { run, maxNewTokens: 4000 }), Error, "4096");
  const evaluator = new LocalEvaluator(models, run);
  const onResponse = () => Promise.reject(new Error("no room"));
  await assertRejects(
    () => evaluator.evaluate(requests, { ...OPTIONS, onResponse }),
    Error,
    "no room",
  );
});

Deno.test("an answer is cut off at the deadline, with what there was", async () => {
  using parents = new Parents();
  const models = await parents.models("rl");
  const requests = requestsOf((await questions()).slice(0, 1), models);
  const responses: EvaluationResponse[] = [];
  await using evaluator = new LocalEvaluator(models);
  await evaluator.evaluate(requests, {
    ...OPTIONS,
    timeoutSeconds: 1e-6,
    onResponse: (_, response) => void responses.push(response),
  });
  const [{ text, timedOut, newTokens, seconds }] = responses;
  assertEquals([timedOut, newTokens], [true, 1]);
  assert(text.length > 0 && seconds > 0);
});

Deno.test("strangers and doubles are refused; an abort keeps what was told", async () => {
  using parents = new Parents();
  const models = await parents.models("sft", "rl");
  assertThrows(() => new LocalEvaluator([models[0], models[0]]), Error, "sft twice");
  const requests = requestsOf(await questions(), models);
  const stranger = [{ ...requests[0], model: "base" }];
  await assertRejects(() => answers(models, stranger), Error, "Cannot evaluate base");
  const controller = new AbortController();
  const told: string[] = [];
  await using evaluator = new LocalEvaluator(models, { maxRows: 4 });
  await assertRejects(
    () =>
      evaluator.evaluate(requests, {
        ...OPTIONS,
        signal: controller.signal,
        onResponse: ({ key }) => {
          told.push(key);
          if (told.length === 4) controller.abort(new Error("stopped"));
        },
      }),
    Error,
    "stopped",
  );
  assertEquals(told.length, 4);
});
