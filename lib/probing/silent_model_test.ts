import { assertEquals } from "@std/assert";
import type { VisionLanguageModel } from "../model/mod.ts";
import type { AttentionRecord, GenerationRecord } from "./attention_records.ts";
import { reportAttention } from "./attention_report.ts";
import { attentionShift } from "./attention_shift.ts";
import { reasoningLocalization } from "./reasoning_localization.ts";
import type { ReasoningRecord } from "./reasoning_records.ts";
import { reportReasoning } from "./reasoning_report.ts";
import { openTiny, tinyPairs, tinyProblems, tinyQuestions } from "./testdata/tiny_model.ts";
import { visionLocalization } from "./vision_localization.ts";
import type { ControlRecord, VisionRecord } from "./vision_records.ts";
import { reportVision } from "./vision_report.ts";
import { madeBases } from "../testing/made_bases.ts";

type Generate = VisionLanguageModel["generate"];

/** The model with another way to generate. */
function generatingBy(model: VisionLanguageModel, generate: Generate): VisionLanguageModel {
  return new Proxy(model, {
    get(target, name) {
      if (name === "generate") return generate;
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Ends every answer at once. */
function silent(model: VisionLanguageModel): VisionLanguageModel {
  const { vocabSize } = model.config.text;
  const stopTokens = Array.from({ length: vocabSize }, (_, id) => id);
  return generatingBy(
    model,
    (rows, options) => model.generate(rows, { ...options, stopTokens }),
  );
}

/** Answers with image placeholders only. */
function onlyImages(model: VisionLanguageModel): VisionLanguageModel {
  return generatingBy(model, async (rows, options) => {
    const answers = await model.generate(rows, { ...options, maxNewTokens: 3, stopTokens: [] });
    const tokens = new Int32Array(3).fill(model.config.imageTokenId);
    return answers.map((answer) => ({ ...answer, tokens }));
  });
}

for (const [what, make] of [["nothing", silent], ["image tokens", onlyImages]] as const) {
  Deno.test(`a model that emits only ${what} is recorded as it is`, async () => {
    await using opened = await openTiny();
    const model = make(opened);

    const records: VisionRecord[] = [];
    const controls: ControlRecord[] = [];
    const pairs = await tinyPairs("ocr", 2);
    await visionLocalization(model, pairs, {
      layers: [0, 5],
      onRecord: (record) => records.push(record),
      onControl: (record) => controls.push(record),
    });
    assertEquals(records.map(({ swapped_answer }) => swapped_answer), ["", "", "", ""]);
    assertEquals(records.map(({ answer_changed }) => answer_changed), [false, false, false, false]);
    assertEquals(controls.map(({ correct }) => correct), [false, false]);
    const vision = reportVision({ records, controls }, {
      tasks: ["ocr"],
      layers: [0, 5],
      numLayers: model.numLayers,
      numSamples: 2,
      basis: madeBases(["ocr"]),
    });
    assertEquals(vision.baseline_accuracy, { ocr: 0 });

    const solved: ReasoningRecord[] = [];
    const problems = await tinyProblems(2);
    await reasoningLocalization(model, problems, {
      kind: "base",
      modelName: "base",
      layers: [5],
      maxNewTokens: 8,
      onRecord: (record) => solved.push(record),
    });
    assertEquals(solved.map(({ full_response, correct }) => [full_response, correct]), [
      ["", false],
      ["", false],
      ["", false],
      ["", false],
    ]);
    const { places } = reportReasoning(solved, {
      dataset: "math500",
      basis: madeBases(["math500"]),
      model: "base",
      layers: [5],
      numLayers: model.numLayers,
    });
    assertEquals(places.map(({ accuracy }) => accuracy), [0, 0]);

    const generations: GenerationRecord[] = [];
    const attentions: AttentionRecord[] = [];
    const questions = (await tinyQuestions()).slice(0, 2);
    await attentionShift(model, questions, {
      role: "IN",
      kind: "base",
      maxNewTokens: 8,
      fixedTexts: null,
      onGeneration: (record) => generations.push(record),
      onAttention: (record) => attentions.push(record),
    });
    assertEquals(generations.map(({ full_response }) => full_response), ["", ""]);
    const said = what === "nothing" ? 0 : 3;
    assertEquals(attentions.map(({ tokens }) => tokens.generated), [said, said, said, said]);
    const report = reportAttention(attentions, {
      models: { IN: "a" },
      fixedText: "IN",
      basis: madeBases(["questions"]),
    });
    assertEquals(report.shifts.every(({ diff }) => diff === null), true);
  });
}
