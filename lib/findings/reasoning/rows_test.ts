import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  divergenceFrom,
  extendInput,
  layerMeans,
  meanAblation,
  type VisionLanguageModel,
  zeroLayer,
} from "../../model/mod.ts";
import { TIMED_OUT } from "../../benchmarks/grading/grading.ts";
import { QUESTION_PREFIX } from "../../benchmarks/prompts.ts";
import { divergencePass } from "./divergence_rows.ts";
import { type ReasoningGrader, reasoningPass } from "./rows.ts";
import { AblationSweep, type ReasoningProblem } from "./sweep.ts";
import type { PassOptions, Sink } from "../../experiments/mod.ts";
import { memorySink } from "../../testing/memory_sink.ts";
import { ABLATIONS, type DivergenceRecord, reasoningKey, type ReasoningRecord } from "./records.ts";
import { reasoningByLevelFrame, reasoningLocalizationFrame } from "./frames.ts";
import { reasoningByOtherGrading, reportReasoning } from "./report.ts";
import { ablationSummary } from "./summary.ts";
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
  const sweep = new AblationSweep({ numLayers: model.numLayers, layers, kind: "base" });
  return reasoningPass({
    ...{ sweep, kind: "base", modelName: "base" },
    ...{ maxNewTokens: MAX, records, grade },
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

Deno.test("means of a sample's prompts are put in the layers' places, and divergences are those of one at a time", async () => {
  await using model = await openTiny();
  const problems = await tinyProblems(3);
  const layers = [4, 11];
  const options = {
    ...{ numLayers: model.numLayers, layers, ways: ABLATIONS },
    ...{ kind: "base", reference: problems } as const,
  };
  const answers = memorySink<ReasoningRecord>(reasoningKey);
  const divergences = memorySink<DivergenceRecord>(reasoningKey);
  const runAll = async (some: typeof problems, bounds: PassOptions = {}) => {
    const sweep = new AblationSweep(options);
    const asked = {
      kind: "base",
      modelName: "base",
      maxNewTokens: 12,
      grade: gradeByText,
    } as const;
    await reasoningPass({ sweep, ...asked, records: answers }).run(model, some, bounds);
    const measured = { label: "divergence", sweep, problems, referenceTokens: 5, answers };
    await divergencePass({ ...measured, records: divergences }).run(model, some, bounds);
  };
  // In two parts, as shards are: the means are of all three problems in both.
  await runAll(problems.slice(0, 2));
  await runAll(problems, { maxRows: 2 });
  assertEquals(
    new Set(answers.added.map(({ ablation }) => ablation)),
    new Set([
      ...["baseline", "layer_4", "layer_11", "mean_layer_4", "mean_layer_11"],
    ]),
  );
  const prompts = await model.prepare(problems.map(({ question }) => [
    { role: "user" as const, content: QUESTION_PREFIX + question },
  ]));
  const means = await layerMeans(model, prompts);
  for (const [i, { id }] of problems.entries()) {
    const own = answers.added.filter((record) => record.id === id);
    const reference = model.encode(own[0].full_response).slice(0, 5);
    const forced = extendInput(prompts[i], reference);
    const [whole] = await model.forward([{ input: forced }], { logits: "answer" });
    for (const { ablated_layer: layer, replaced_with: way, ...record } of own.slice(1)) {
      const edits = way === "zero" ? [zeroLayer(layer)] : meanAblation(layer, means[layer]);
      const [{ tokens }] = await model.generate([{ input: prompts[i], edits }], {
        maxNewTokens: 12,
      });
      assertEquals(record.full_response, model.decode(tokens));
      const norm = way === "zero" ? null : Number(Math.hypot(...means[layer]).toPrecision(4));
      assertEquals(record.mean_norm, norm);
      const [{ logits }] = await model.forward([{ input: forced, edits }], { logits: "answer" });
      const each = Array.from(
        { length: reference.length + 1 },
        (_, at) => divergenceFrom(whole.logits.row(at))(logits.row(at)),
      );
      const found = divergences.records.get(
        reasoningKey({ id, ablated_layer: layer, replaced_with: way }),
      )!;
      assertEquals(found.positions, each.length);
      assertAlmostEquals(found.kl, each.reduce((sum, one) => sum + one, 0) / each.length, 2e-3);
    }
  }
  // Of the problems that are not chosen there is nothing to do.
  const none = divergencePass({
    ...{ label: "divergence", sweep: new AblationSweep(options), problems: [], referenceTokens: 5 },
    ...{ answers, records: memorySink<DivergenceRecord>(reasoningKey) },
  });
  assertEquals(none.isComplete(problems), true);
  const report = reportReasoning({ answers: answers.added, divergences: divergences.added }, {
    ...{ basis: madeBases(["math500"]), dataset: "math500", model: "base", layers, numLayers: 12 },
  });
  assertEquals(report.mean!.over.prompts, 3);
  assertEquals(report.mean!.over.hash, answers.added.at(-1)!.mean_over);
  const klOf = (way: string, layer: number) => {
    const own = divergences.added.filter((one) =>
      one.replaced_with === way && one.ablated_layer === layer
    );
    return own.reduce((sum, { kl }) => sum + kl, 0) / own.length;
  };
  for (const [way, { places }] of [["zero", report], ["mean", report.mean!]] as const) {
    assertEquals(places.map(({ layer }) => layer), [-1, ...layers]);
    assertEquals(places[0].kl, null);
    places.slice(1).forEach(({ layer, kl }) => assertAlmostEquals(kl!, klOf(way, layer), 1e-9));
  }
  const frame = reasoningLocalizationFrame([report]);
  assertEquals(
    [...frame.getColumn("ablation").toArray()],
    [..."zzzmmm"].map((way) => way === "z" ? "zero" : "mean"),
  );
  const others = answers.added.map((record) =>
    record.ablated_layer === 4 ? { ...record, mean_over: record.mean_over && "other" } : record
  );
  assertThrows(
    () =>
      reportReasoning({ answers: others }, {
        ...{
          basis: madeBases(["math500"]),
          dataset: "math500",
          model: "base",
          layers,
          numLayers: 12,
        },
      }),
    Error,
    "over different prompts",
  );
  await assertRejects(
    () =>
      divergencePass({
        ...{ label: "d", sweep: new AblationSweep(options), referenceTokens: 5 },
        ...{ answers: memorySink<ReasoningRecord>(reasoningKey) },
        records: memorySink<DivergenceRecord>(reasoningKey),
      }).run(model, problems),
    Error,
    "the whole model has not answered",
  );
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
    ...{ replaced_with: "zero", mean_norm: null, mean_over: null },
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
  const report = reportReasoning({ answers: [...baseline, ...ablated] }, options);
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
  assertEquals(ablationSummary([...baseline, ...ablated], ablated[0]), {
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
  const answers = baseline.map((record) => ({ ...record, level: null }));
  const plain = reportReasoning({ answers }, options);
  assertEquals(plain.levels, []);
  assertEquals(plain.places[1].accuracy, null);
});
