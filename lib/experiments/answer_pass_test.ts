import { assert, assertEquals, assertRejects } from "@std/assert";
import type { EvaluateOptions, EvaluationRequest, Evaluator } from "../serving/mod.ts";
import { defineAnswerPass } from "./answer_pass.ts";

/** Says each question back, until it breaks down. */
class Echo implements Evaluator {
  readonly models;
  readonly asked: string[] = [];
  breakAfter = Infinity;

  constructor(name: string) {
    this.models = [{ name, kind: "base", identity: {} }] as const;
  }

  async evaluate(requests: readonly EvaluationRequest[], { done, onResponse }: EvaluateOptions) {
    for (const request of requests.filter(({ key }) => !done?.has(key))) {
      if (this.asked.length >= this.breakAfter) throw new Error("broke down");
      this.asked.push(request.key);
      const { question: text } = request.question;
      await onResponse(request, { text, timedOut: false, seconds: 0, newTokens: 1 });
    }
  }

  async [Symbol.asyncDispose]() {}
}

function passOf(echoes: readonly Echo[], records: Map<string, string>) {
  const models: string[] = [];
  const pass = defineAnswerPass({
    ...{ maxNewTokens: 4, temperature: 0, timeoutSeconds: 9 },
    rows: (samples: readonly string[]) =>
      samples.flatMap((sample) =>
        echoes.map(({ models: [{ name: model }] }) => {
          const question = { question: sample, image: null };
          const key = `${model} ${sample}`;
          return { sample, request: { model, key, question, inputType: "question_only" as const } };
        })
      ),
    isDone: ({ request }) => records.has(request.key),
    evaluators: () => Promise.resolve(echoes),
    onModels: (names) => models.push(...names),
    record: ({ sample, request }, { text }) => {
      assertEquals(text, sample);
      records.set(request.key, text);
    },
  });
  return { pass, models };
}

Deno.test("each evaluator is asked what its models have no record of, and nothing twice", async () => {
  const echoes = [new Echo("a"), new Echo("b")];
  echoes[1].breakAfter = 1;
  const records = new Map([["a y", "y"]]);
  const first = passOf(echoes, records);
  assert(!first.pass.isComplete(["x", "y"]));
  await assertRejects(() => first.pass.run(undefined, ["x", "y"]), Error, "broke down");
  echoes[1].breakAfter = Infinity;
  const second = passOf(echoes, records);
  await second.pass.run(undefined, ["x", "y"]);
  assertEquals(echoes.map(({ asked }) => asked), [["a x"], ["b x", "b y"]]);
  // Who has nothing left to answer is not called.
  assertEquals([first.models, second.models], [["a", "b"], ["b"]]);
  assert(second.pass.isComplete(["x", "y"]));
});
