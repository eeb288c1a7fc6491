/** From images and text to answers, against Hugging Face transformers. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { swapVisualTokens } from "./edits/mod.ts";
import { VisionLanguageModel } from "./model.ts";
import type { ChatMessage } from "./prompt.ts";
import {
  maxDifference,
  readReference,
  type Reference,
  type ReferencePrompt,
  repositoryFile,
  testdata,
} from "./testdata/reference.ts";

const reference = readReference("random");
const { meta, floats } = reference;
const FOLDER = repositoryFile(meta.model);

function chatOf({ system, parts }: ReferencePrompt): ChatMessage[] {
  const content = parts.map((part) =>
    "image" in part
      ? { type: "image" as const, image: testdata(`images/${part.image}`) }
      : { type: "text" as const, text: part.text }
  );
  const user: ChatMessage = { role: "user", content };
  return system === null ? [user] : [{ role: "system", content: system }, user];
}

async function compareAnswers({ meta, ints, floats }: Reference) {
  await using model = await VisionLanguageModel.open(repositoryFile(meta.model));
  // A resized image may differ in the last bit of a pixel; it has tests of its own.
  const cases = meta.cases.filter(({ name }) => name !== "resized");
  const inputs = await model.prepare(cases.map(chatOf));
  const answers = await model.generate(inputs.map((input) => ({ input })), {
    maxNewTokens: meta.steps,
    stopTokens: [],
  });
  const logits = await model.forward(inputs.map((input) => ({ input })));
  for (const [i, { name }] of cases.entries()) {
    const { data } = ints(`case.${name}.tokens`);
    assertEquals(answers[i].tokens, data, name);
    const last = floats(`case.${name}.logits`).data.subarray(-model.config.text.vocabSize);
    assert(maxDifference(logits[i].logits, last) < 2e-4, name);
  }
}

for (const name of ["tiny", "random"] as const) {
  Deno.test(`${name}: images and text of one batch give the reference's tokens and logits`, () =>
    compareAnswers(readReference(name)));
}

Deno.test("generation stops at the checkpoint's end tokens", async () => {
  await using model = await VisionLanguageModel.open(FOLDER);
  const [input] = await model.prepare([[{ role: "user", content: "Hello" }]]);
  const free = await model.generate([{ input }], { maxNewTokens: 60, stopTokens: [] });
  const ends = new Set(model.config.eosTokenIds);
  const [row] = await model.generate([{ input }], { maxNewTokens: 60 });
  const end = free[0].tokens.findIndex((token) => ends.has(token));
  assertEquals(row.tokens, end < 0 ? free[0].tokens : free[0].tokens.slice(0, end));
  assertEquals(row.finish, end < 0 ? "length" : "stop");
});

Deno.test("K and V of an image move into another prompt", async () => {
  await using model = await VisionLanguageModel.open(FOLDER);
  const [target, source] = await model.prepare(
    ["square", "wide"].map((name) => chatOf(meta.cases.find((found) => found.name === name)!)),
  );
  const tokens = await model.captureVisualTokens(source);
  assertEquals([tokens.tokens, tokens.keys.length], [15, model.numLayers]);
  const [{ logits, receipts }] = await model.forward([
    { input: target, edits: [swapVisualTokens(tokens)] },
  ]);
  assertEquals(receipts[0].tokens, 16);
  const { shape, data } = floats("swap.other_size.logits");
  assert(maxDifference(logits, data.subarray(0, shape[1])) < 2e-4);
});

Deno.test("options that nobody reads, or cannot be, are refused before anything opens", async () => {
  const cases: [object, string][] = [
    [{ presicion: "bf16" }, 'did you mean "precision"?'],
    [{ precision: "bf61" }, 'precision "bf61"; did you mean "bf16"?'],
    [{ precision: "float32" }, "there are f32, bf16, int8"],
    [{ device: "gpu" }, 'device "gpu"; '],
    [{ threads: 0 }, "threads 0"],
    [{ tokensPerCall: 1.5 }, "tokensPerCall 1.5"],
    [{ generation: { repetition_penality: 1 } }, 'did you mean "repetition_penalty"?'],
    [{ generation: { repetition_penalty: -1 } }, "repetition_penalty"],
  ];
  for (const [options, message] of cases) {
    await assertRejects(() => VisionLanguageModel.open(FOLDER, options), Error, message);
  }
});

Deno.test("a folder that is no model is refused with the reason", async () => {
  const folder = Deno.makeTempDirSync();
  await assertRejects(
    () => VisionLanguageModel.open(join(folder, "none")),
    Error,
    "no such folder",
  );
  for (const { name } of Deno.readDirSync(FOLDER)) {
    Deno.copyFileSync(join(FOLDER, name), join(folder, name));
  }
  const config = JSON.parse(Deno.readTextFileSync(join(folder, "config.json")));
  config.model_type = "llava";
  Deno.writeTextFileSync(join(folder, "config.json"), JSON.stringify(config));
  await assertRejects(() => VisionLanguageModel.open(folder), Error, 'model_type is "llava"');
  Deno.removeSync(folder, { recursive: true });
});
