import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { extendInput } from "../model/mod.ts";
import { questionMessages } from "../benchmarks/prompts.ts";
import { decodeImage } from "../model/mod.ts";
import { attentionMass } from "./attention_mass.ts";
import type { AttentionRecord, GenerationRecord } from "./attention_records.ts";
import { attentionHeadFrame, attentionShiftFrame, reportAttention } from "./attention_report.ts";
import {
  attentionShift,
  type AttentionShiftOptions,
  type ImageQuestion,
} from "./attention_shift.ts";
import { promptParts } from "./prompt_parts.ts";
import { openTiny, tinyQuestions } from "./testdata/tiny_model.ts";
import { madeBases } from "../testing/made_bases.ts";

async function questions(count: number): Promise<ImageQuestion[]> {
  return (await tinyQuestions()).slice(-count);
}

async function ask(
  model: Awaited<ReturnType<typeof openTiny>>,
  { readImage, question }: ImageQuestion,
) {
  const chat = questionMessages(
    { question, image: await decodeImage(await readImage()) },
    { kind: "reasoner", inputType: "image_question" },
  );
  return { chat, input: (await model.prepare([chat]))[0] };
}

Deno.test("the parts of a prompt are its image, its question and its system turn", async () => {
  await using model = await openTiny("in");
  const [question] = await questions(1);
  const { chat, input } = await ask(model, question);
  const parts = promptParts(model, input);
  const textOf = (mask: Uint8Array) => model.decode(input.ids.filter((_, i) => mask[i] === 1));
  assertEquals(textOf(parts.system), `system\n${chat[0].content}\n`);
  const [, text] = chat[1].content as [unknown, { text: string }];
  assertEquals(textOf(parts.question), text.text);
  assertEquals(parts.visual.reduce((a, b) => a + b, 0), 16);
  assertEquals(parts.system[0], 1);
  for (let i = 0; i < input.ids.length; i++) {
    assert(parts.visual[i] + parts.question[i] + parts.system[i] <= 1);
  }
});

Deno.test("masses are means over the span's tokens, and all targets are at most 1", async () => {
  await using model = await openTiny("in");
  const [question] = await questions(1);
  const { input } = await ask(model, question);
  const tokens = model.encode("<think>1+1=2.</think><answer>2</answer>");
  const [mass, empty] = await attentionMass(model, [{ input, tokens }, { input, tokens: [] }]);
  assertEquals(empty.generated, null);
  assertEquals(empty.tokens, { generated: 0, think: 0, answer: 0 });
  const { heads, layers } = mass;
  assertEquals([heads, layers, mass.generated!.length], [4, 12, 12 * 4 * 3]);

  // The same from single queries, one forward pass each over the text so far.
  const parts = promptParts(model, input);
  const sums = new Float64Array(3);
  for (let i = 0; i < tokens.length; i++) {
    const soFar = extendInput(input, tokens.slice(0, i + 1));
    const masks = [parts.visual, parts.question, parts.system].map((part) => {
      const mask = new Float32Array(soFar.ids.length);
      mask.set(part);
      return mask;
    });
    const queries = [soFar.ids.length - 1];
    const [{ captured }] = await model.forward([{
      input: soFar,
      capture: { attentionMass: { layers: [7], queries, masks } },
    }]);
    // Head 2.
    captured.attentionMass.get(7)!.data.subarray(6, 9).forEach((value, target) =>
      sums[target] += value
    );
  }
  for (let target = 0; target < 3; target++) {
    const at = (7 * heads + 2) * 3 + target;
    assertAlmostEquals(mass.generated![at], sums[target] / tokens.length, 2e-5);
  }
  for (let place = 0; place < layers * heads; place++) {
    const all = mass.generated!.slice(3 * place, 3 * place + 3).reduce((a, b) => a + b);
    assert(all > 0 && all <= 1);
  }
});

function collect() {
  const generations: GenerationRecord[] = [];
  const attentions: AttentionRecord[] = [];
  return {
    generations,
    attentions,
    callbacks: {
      onGeneration: (record: GenerationRecord) => generations.push(record),
      onAttention: (record: AttentionRecord) => attentions.push(record),
    },
  };
}

Deno.test("the same model under its own text as the fixed one shows no shift", async () => {
  await using model = await openTiny("in");
  const asked = await questions(2);
  const common = { kind: "reasoner", maxNewTokens: 40 } as const;
  const first = collect();
  const options: AttentionShiftOptions = {
    ...common,
    role: "IN",
    fixedTexts: null,
    ...first.callbacks,
  };
  await attentionShift(model, asked, options);
  assertEquals(first.attentions.map(({ text }) => text), ["own", "own", "fixed", "fixed"]);
  assert(first.generations.every(({ full_response }) => full_response.includes("<think>")));

  const fixedTexts = new Map(first.generations.map(({ id, tokens }) => [id, tokens]));
  const second = collect();
  await attentionShift(model, asked, { ...options, role: "RL", fixedTexts, ...second.callbacks });
  const strip = ({ model: _, ...record }: AttentionRecord) => record;
  assertEquals(second.attentions.map(strip), first.attentions.map(strip));

  const report = reportAttention([...first.attentions, ...second.attentions], {
    models: { IN: "a", RL: "a" },
    fixedText: "IN",
    basis: madeBases(["questions"]),
  });
  assert(report.shifts.every(({ diff }) => diff === null || diff === 0));
  assert(report.heads.every(({ diff }) => diff === 0));
  assertEquals(report.outcomes!.map(({ text, ids, shift }) => [text, ids.length, shift.length]), [
    ["own", 2, 12],
    ["fixed", 2, 12],
  ]);
  assertEquals(attentionShiftFrame(report).height, 2 * 3 * 3 * 12);
  assertEquals(attentionHeadFrame(report).height, 2 * 12 * 4);

  // Continued, nothing is told twice.
  const again = collect();
  await attentionShift(model, asked, {
    ...options,
    ...again.callbacks,
    generations: new Map(first.generations.map((record) => [`IN/${record.id}`, record])),
    attentions: new Map(first.attentions.map((record) => [
      `IN/${record.text}/${record.id}`,
      record,
    ])),
  });
  assertEquals([again.generations.length, again.attentions.length], [0, 0]);
});

Deno.test("a missing fixed text and no questions are refused", async () => {
  await using model = await openTiny("in");
  const options: AttentionShiftOptions = {
    role: "RL",
    kind: "reasoner",
    maxNewTokens: 4,
    fixedTexts: new Map(),
    ...collect().callbacks,
  };
  await assertRejects(() => attentionShift(model, [], options), Error, "no questions");
  const [question] = await questions(1);
  await assertRejects(() => attentionShift(model, [question], options), Error, question.id);
});
