import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { ask, describeReceipt } from "./ask.ts";

const TESTDATA = new URL("../model/testdata/", import.meta.url);
const model = fileURLToPath(new URL("random-qwen", TESTDATA));
const image = fileURLToPath(new URL("images/square_112x112.png", TESTDATA));
const other = fileURLToPath(new URL("images/wide_140x84.png", TESTDATA));

Deno.test("a question is answered with and without an intervention, with a receipt", async () => {
  const question = { model, question: "How many?", images: [image], maxNewTokens: 6 };
  const heard: string[] = [];
  const plain = await ask({ ...question, onText: (text) => heard.push(text) });
  assertEquals([plain.modified, plain.receipt], [null, null]);
  assertEquals(heard.at(-1), plain.unmodified.text);
  const penalised = await ask({ ...question, generation: { repetition_penalty: 0.5 } });
  assert(penalised.unmodified.text !== plain.unmodified.text);
  const changed = await ask({ ...question, zeroAblate: [1], swapSource: other, swapFrom: 2 });
  assertEquals(changed.unmodified.text, plain.unmodified.text);
  assert(changed.modified && changed.receipt);
  const text = describeReceipt(changed.receipt);
  assertStringIncludes(text, "left out layer 1");
  assertStringIncludes(text, "swapped 16 visual tokens in layers 2 to 3");
});

Deno.test("interventions that a question does not allow are refused", async () => {
  const question = { model, question: "Hi", maxNewTokens: 2 };
  const cases: [object, string][] = [
    [{ zeroAblate: [9] }, "zero-ablate layer 9"],
    [{ swapSource: other }, "the question has 0 images"],
    [{ swapFrom: 1 }, "--swap-from needs --swap-source"],
    [{ images: ["no-such.png"] }, "no-such.png"],
  ];
  for (const [options, message] of cases) {
    await assertRejects(() => ask({ ...question, ...options }), Error, message);
  }
});
