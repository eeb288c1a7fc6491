import { assert, assertEquals, assertRejects } from "@std/assert";
import { type VisionLanguageModel, zeroLayer } from "../../model/mod.ts";
import { TIMED_OUT } from "../../benchmarks/grading/grading.ts";
import { QUESTION_PREFIX } from "../../benchmarks/prompts.ts";
import { type ReasoningGrader, reasoningPass, type ReasoningProblem } from "./rows.ts";
import type { PassOptions, Sink } from "../../experiments/mod.ts";
import { memorySink } from "../../testing/memory_sink.ts";
import { reasoningKey, type ReasoningRecord } from "./records.ts";
import {
  ablationSummary,
  reasoningByLevelFrame,
  reasoningByOtherGrading,
  reasoningLocalizationFrame,
  reportReasoning,
} from "./report.ts";
import { openTiny, tinyProblems } from "../../testing/tiny_model.ts";
import { madeBases } from "../../testing/made_bases.ts";

const MAX = 48;

function run(
  model: VisionLanguageModel,
  problems: readonly ReasoningProblem[],
  { records, layers, grade = gradeByText, ...options }: PassOptions & {
    records: Sink<ReasoningRecord>;
    layers: number[];
    grade?: ReasoningGrader;
  },
) {
  return reasoningPass({
    ...{ kind: "base", modelName: "base", numLayers: model.numLayers },
    ...{ maxNewTokens: MAX, records, layers, grade },
  }).run(model, problems, options);
}

const gradeByText: ReasoningGrader = (response, { answer }) => ({
  ...TIMED_OUT,
  predicted: response,
  correct: response.includes(`{${answer}}`),
});

Deno.test("a sweep in batches gives the answers of one ablation at a time", async () => {
  await using model = await openTiny();
  const problems = await tinyProblems(3);
  const layers = [0, 3, 11];
  const sink = memorySink<ReasoningRecord>(reasoningKey);
  await run(model, problems, { records: sink, layers });
  const { added: records } = sink;
  assertEquals(records.map(({ ablation }) => ablation).slice(0, 4), [
    "baseline",
    "layer_0",
    "layer_3",
    "layer_11",
  ]);
  for (const { id, question } of problems) {
    const [input] = await model.prepare([[{ role: "user", content: QUESTION_PREFIX + question }]]);
    for (const layer of [-1, ...layers]) {
      const edits = layer < 0 ? [] : [zeroLayer(layer)];
      const [answer] = await model.generate([{ input, edits }], { maxNewTokens: MAX });
      const record = records.find((entry) => entry.id === id && entry.ablated_layer === layer)!;
      assertEquals(record.full_response, model.decode(answer.tokens));
      assertEquals(record.finished, answer.finish === "stop");
      assertEquals(record.calls_left_out, answer.receipts[0]?.calls ?? 0);
      assertEquals(record.calls_left_out > 0, layer >= 0);
    }
  }
});

Deno.test("records do not depend on memory, batches or where the run went on", async () => {
  await using model = await openTiny();
  const problems = await tinyProblems(3);
  const layers = [1, 6];
  const whole = memorySink<ReasoningRecord>(reasoningKey);
  await run(model, problems, { records: whole, layers });
  for (const bounds of [{ maxRows: 2 }, { memoryBytes: 1 }]) {
    const parts = memorySink<ReasoningRecord>(reasoningKey);
    await run(model, problems, { records: parts, layers, ...bounds });
    assertEquals(parts.added, whole.added);
  }
  const rest = memorySink<ReasoningRecord>(reasoningKey, whole.added.slice(0, 4));
  await run(model, problems, { records: rest, layers, maxRows: 4 });
  assertEquals(rest.added, whole.added.slice(4));
});

Deno.test("a prompt that is too long is refused, and an abort keeps what was told", async () => {
  await using model = await openTiny();
  const problems = await tinyProblems(2);
  const records = memorySink<ReasoningRecord>(reasoningKey);
  const endless = [{ ...problems[0], question: "1 + ".repeat(3000) }];
  await assertRejects(() => run(model, endless, { records, layers: [] }), Error, "context");
  const controller = new AbortController();
  const grade = () => {
    controller.abort(new Error("stopped"));
    return TIMED_OUT;
  };
  const { signal } = controller;
  await assertRejects(
    () => run(model, problems, { records, layers: [0], maxRows: 2, grade, signal }),
    Error,
    "stopped",
  );
  assertEquals(records.added.length, 2);
});

function recordOf(id: number, layer: number, correct: boolean, level: number | null) {
  const record: ReasoningRecord = {
    id: String(id),
    question: "q",
    gold_answer: "1",
    predicted: "",
    correct,
    rule: "text",
    predicted_sound: null,
    // The first problem is right by the original's rules alone.
    correct_sound: correct && id > 0,
    rule_sound: "different",
    full_response: layer < 0 || id > 1 ? "so \\boxed{1}" : "so \\boxed{ }",
    model_type: "base",
    model: "m",
    ablation: "",
    ablated_layer: layer,
    level,
    new_tokens: 3,
    finished: id > 0,
    calls_left_out: layer < 0 ? 0 : 4,
  };
  return record;
}

Deno.test("accuracies and drops of a report are counted, and by level", () => {
  const baseline = [true, true, true, false].map((correct, id) =>
    recordOf(id, -1, correct, id < 2 ? 1 : 2)
  );
  const ablated = [true, false, false, false].map((correct, id) =>
    recordOf(id, 5, correct, id < 2 ? 1 : 2)
  );
  const basis = madeBases(["math500"]);
  const options = {
    ...{ basis, dataset: "math500", model: "m", layers: [5], numLayers: 12 },
    grading: "original",
  } as const;
  const report = reportReasoning([...baseline, ...ablated], options);
  assertEquals(report.places.map(({ accuracy }) => accuracy), [0.75, 0.25]);
  assertEquals(report.places.map(({ drop }) => drop), [0, 0.5]);
  assertEquals(report.places.map(({ accuracy_other }) => accuracy_other), [0.5, 0]);
  assertEquals(report.outcomes, {
    ids: ["0", "1", "2", "3"],
    correct: ["1110", "1000"],
    correct_other: ["0110", "0000"],
    // The first does not end; the others' answer is in its place with a layer left out, or empty.
    formed: ["0111", "0011"],
  });
  assertEquals(report.places.map(({ formed, fatal }) => [formed, fatal]), [[0.75, false], [
    0.5,
    false,
  ]]);
  assertEquals(reasoningByOtherGrading(report).outcomes?.correct, ["0110", "0000"]);
  assertEquals(
    report.basis.math500.grader,
    "the original's rules (sound rules differ on 2 of 8 answers)",
  );
  assertEquals(report.disagreements, [
    { original: "text", sound: "different", right: "original", answers: 2 },
  ]);
  assertEquals(report.places.map(({ finished }) => finished), [3, 3]);
  // Two of four problems lost are no proof.
  assert(report.places[1].drop_low! < 0 && report.places[1].drop_high! < 1);
  assertEquals(report.levels.map(({ accuracy, drop }) => [accuracy, drop]), [
    [1, 0],
    [0.5, 0.5],
    [0.5, 0],
    [0, 0.5],
  ]);
  assertEquals(report.receipts, { ablations: 4, calls_left_out: 16 });
  assertEquals(ablationSummary([...baseline, ...ablated], 5), {
    experiment: "layer_5",
    ablated_layer: 5,
    accuracy: 0.25,
    correct: 1,
    total: 4,
    accuracy_sound: 0,
    correct_sound: 0,
    gradings_differ: 1,
  });
  assertEquals(reasoningLocalizationFrame([report, report]).height, 4);
  assertEquals(reasoningByLevelFrame([report]).columns, [
    "dataset",
    "level",
    "layer",
    "n",
    "accuracy",
    "drop",
    "basis",
  ]);
  // Without stated levels there is nothing to show by level.
  const plain = reportReasoning(baseline.map((record) => ({ ...record, level: null })), options);
  assertEquals(plain.levels, []);
  assertEquals(plain.places[1].accuracy, null);
});
