import { assertEquals } from "@std/assert";
import type { VisionLanguageModel } from "../model/mod.ts";
import {
  attentionKey,
  type AttentionRecord,
  generationKey,
  type GenerationRecord,
} from "./attention/records.ts";
import { reportAttention } from "./attention/report.ts";
import { attentionPass } from "./attention/rows.ts";
import { divergencePass } from "./reasoning/divergence_rows.ts";
import { type DivergenceRecord, reasoningKey, type ReasoningRecord } from "./reasoning/records.ts";
import { reportReasoning } from "./reasoning/report.ts";
import { reasoningPass } from "./reasoning/rows.ts";
import { AblationSweep } from "./reasoning/sweep.ts";
import { openTiny, tinyPairs, tinyProblems, tinyQuestions } from "../testing/tiny_model.ts";
import { visionPass } from "./vision/rows.ts";
import { type ControlRecord, recordedPair, visionKey } from "./vision/records.ts";
import { reportVision } from "./vision/report.ts";
import { memorySink } from "../testing/memory_sink.ts";
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

    const swapSink = memorySink(visionKey);
    const controlSink = memorySink<ControlRecord>(recordedPair);
    const { added: records } = swapSink;
    const { added: controls } = controlSink;
    const pairs = await tinyPairs("ocr", 2);
    await visionPass({
      ...{ numLayers: model.numLayers, layers: [0, 5], maxNewTokens: 64 },
      records: swapSink,
      controls: controlSink,
    }).run(model, pairs);
    assertEquals(records.map(({ swapped_answer }) => swapped_answer), ["", "", "", ""]);
    assertEquals(records.map(({ answer_changed }) => answer_changed), [false, false, false, false]);
    assertEquals(controls.map(({ correct }) => correct), [false, false]);
    const vision = reportVision({ records, controls, logits: [] }, {
      window: 3,
      tasks: ["ocr"],
      layers: [0, 5],
      numLayers: model.numLayers,
      numSamples: 2,
      basis: madeBases(["ocr"]),
    });
    assertEquals(vision.baseline_accuracy, { ocr: 0 });

    const sink = memorySink<ReasoningRecord>(reasoningKey);
    const { added: solved } = sink;
    const problems = await tinyProblems(2);
    const sweep = new AblationSweep({ numLayers: model.numLayers, layers: [5], kind: "base" });
    await reasoningPass({
      ...{ sweep, kind: "base", modelName: "base", maxNewTokens: 8, records: sink },
    }).run(model, problems);
    const divergences = memorySink<DivergenceRecord>(reasoningKey);
    await divergencePass({
      ...{ label: "divergence", sweep, referenceTokens: 8, answers: sink, records: divergences },
    }).run(model, problems);
    // What comes first is compared where there is no answer.
    assertEquals(divergences.added.map(({ positions }) => positions), [1, 1]);
    assertEquals(solved.map(({ full_response, correct }) => [full_response, correct]), [
      ["", false],
      ["", false],
      ["", false],
      ["", false],
    ]);
    const { places } = reportReasoning({ answers: solved, divergences: divergences.added }, {
      dataset: "math500",
      basis: madeBases(["math500"]),
      model: "base",
      layers: [5],
      numLayers: model.numLayers,
    });
    assertEquals(places.map(({ accuracy }) => accuracy), [0, 0]);

    const texts = memorySink<GenerationRecord>(generationKey);
    const masses = memorySink<AttentionRecord>(attentionKey);
    const [generations, attentions] = [texts.added, masses.added];
    const questions = (await tinyQuestions()).slice(0, 2);
    await attentionPass({
      ...{ role: "IN", fixedText: "IN", kind: "base", maxNewTokens: 8 },
      ...{ generations: texts, attentions: masses },
    }).run(model, questions);
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
