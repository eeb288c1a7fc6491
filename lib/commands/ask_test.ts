import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { fileURLToPath } from "node:url";
import { readEdits } from "./edits_file.ts";
import { ask, describeReceipts } from "./ask.ts";

const TESTDATA = new URL("../model/testdata/", import.meta.url);
const model = fileURLToPath(new URL("random-qwen", TESTDATA));
const image = fileURLToPath(new URL("images/square_112x112.png", TESTDATA));
const other = fileURLToPath(new URL("images/wide_140x84.png", TESTDATA));

Deno.test("a question is answered with and without edits, with receipts", async () => {
  const question = { model, question: "How many?", images: [image], maxNewTokens: 6 };
  const heard: string[] = [];
  const plain = await ask({ ...question, onText: (text) => heard.push(text) });
  assertEquals([plain.modified, plain.receipts], [null, []]);
  assertEquals(heard.at(-1), plain.unmodified.text);
  const penalised = await ask({ ...question, generation: { repetition_penalty: 0.5 } });
  assert(penalised.unmodified.text !== plain.unmodified.text);
  const edits = readEdits('{"kind": "scale", "site": "mlp", "layers": [3], "factor": 0.5}');
  const changed = await ask({
    ...question,
    zeroAblate: [1],
    swapSource: other,
    swapFrom: 2,
    edits,
  });
  assertEquals(changed.unmodified.text, plain.unmodified.text);
  assert(changed.modified);
  assertMatch(
    describeReceipts(changed.receipts),
    new RegExp(
      "^zeroLayer: layer 1 left out, \\d+ layer calls\n" +
        "swapVisualTokens: 16 tokens in layer 2, 3, changed by \\d.*\n" +
        "scale: \\d+ tokens in layer 3, changed by \\d.*$",
    ),
  );
});

Deno.test("edits that a question does not allow are refused", async () => {
  const question = { model, question: "Hi", maxNewTokens: 2 };
  const cases: [object, string][] = [
    [{ zeroAblate: [9] }, "Cannot edit layer 9"],
    [{ swapSource: other }, "the question has 0 images"],
    [{ swapFrom: 1 }, "--swap_from needs --swap_source"],
    [{ edits: readEdits('[{"kind":"scael"}]') }, 'no kind "scael"; did you mean "scale"?'],
    [{ images: ["no-such.png"] }, "no-such.png"],
  ];
  for (const [options, message] of cases) {
    await assertRejects(() => ask({ ...question, ...options }), Error, message);
  }
});
