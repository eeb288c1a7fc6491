import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { extendInput } from "../../model/mod.ts";
import { questionMessages } from "../../benchmarks/prompts.ts";
import { decodeImage } from "../../model/mod.ts";
import { attentionMass } from "./attention_mass.ts";
import {
  attentionKey,
  type AttentionRecord,
  generationKey,
  type GenerationRecord,
} from "./records.ts";
import { attentionHeadFrame, attentionShiftFrame, reportAttention } from "./report.ts";
import { attentionPass, type ImageQuestion } from "./rows.ts";
import { memorySink } from "../../testing/memory_sink.ts";
import { promptParts } from "./prompt_parts.ts";
import { openTiny, tinyQuestions } from "../../testing/tiny_model.ts";
import { madeBases } from "../../testing/made_bases.ts";

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
  return {
    generations: memorySink<GenerationRecord>(generationKey),
    attentions: memorySink<AttentionRecord>(attentionKey),
  };
}

Deno.test("the same model under its own text as the fixed one shows no shift", async () => {
  await using model = await openTiny("in");
  const asked = await questions(2);
  const common = { kind: "reasoner", maxNewTokens: 40, fixedText: "IN" } as const;
  const first = collect();
  await attentionPass({ ...common, role: "IN", ...first }).run(model, asked);
  const [texts, masses] = [first.generations.added, first.attentions.added];
  assertEquals(masses.map(({ text }) => text), ["own", "own", "fixed", "fixed"]);
  assert(texts.every(({ full_response }) => full_response.includes("<think>")));

  const second = { ...collect(), generations: memorySink<GenerationRecord>(generationKey, texts) };
  await attentionPass({ ...common, role: "RL", ...second }).run(model, asked);
  const strip = ({ model: _, ...record }: AttentionRecord) => record;
  assertEquals(second.attentions.added.map(strip), masses.map(strip));

  const report = reportAttention([...masses, ...second.attentions.added], {
    models: { IN: "a", RL: "a" },
    fixedText: "IN",
    basis: madeBases(["questions"]),
  });
  assert(report.shifts.every(({ diff }) => diff === null || diff === 0));
  assert(report.heads.every(({ diff }) => diff === 0));
  assertEquals(report.outcomes!.map(({ text, span }) => [text, span]), [
    ["own", "generated"],
    ["own", "think"],
    ["fixed", "generated"],
    ["fixed", "think"],
  ]);
  assert(report.outcomes!.every(({ ids, shift }) => ids.length === 2 && shift.length === 12));
  assertEquals(attentionShiftFrame(report).height, 2 * 3 * 3 * 12);
  assertEquals(attentionHeadFrame(report).height, 2 * 12 * 4);

  // Continued, nothing is told twice.
  const again = {
    generations: memorySink<GenerationRecord>(generationKey, texts),
    attentions: memorySink<AttentionRecord>(attentionKey, masses),
  };
  await attentionPass({ ...common, role: "IN", ...again }).run(model, asked);
  assertEquals([again.generations.added, again.attentions.added], [[], []]);
});

Deno.test("a missing fixed text is refused", async () => {
  await using model = await openTiny("in");
  const asked = await questions(1);
  const pass = attentionPass({
    ...{ role: "RL", fixedText: "IN", kind: "reasoner", maxNewTokens: 4 },
    ...collect(),
  });
  await assertRejects(() => pass.run(model, asked), Error, asked[0].id);
});
