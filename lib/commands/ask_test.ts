import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { fileURLToPath } from "node:url";
import { readEdits } from "./edits_file.ts";
import { ask, describeReceipts } from "./ask.ts";

const TESTDATA = new URL("../model/testdata/", import.meta.url);
const model = fileURLToPath(new URL("random-qwen", TESTDATA));
const image = fileURLToPath(new URL("images/square_112x112.png", TESTDATA));
const other = fileURLToPath(new URL("images/wide_140x84.png", TESTDATA));

Deno.test("a question is answered with and without edits, with receipts", async () => {
  const question = { model, question: "How many?", image: [image], max_new_tokens: 6 };
  const heard: string[] = [];
  const plain = await ask(question, { onText: (text) => heard.push(text) });
  assertEquals([plain.modified, plain.receipts], [null, []]);
  assertEquals(heard.at(-1), plain.unmodified.text);
  const penalised = await ask(question, { generation: { repetition_penalty: 0.5 } });
  assert(penalised.unmodified.text !== plain.unmodified.text);
  const edit = readEdits('{"kind": "scale", "site": "mlp", "layers": [3], "factor": 0.5}');
  const changed = await ask({
    ...question,
    zero_ablate: [1],
    swap_source: other,
    swap_from: 2,
    edit,
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
  const question = { model, question: "Hi", max_new_tokens: 2 };
  const cases: [object, string][] = [
    [{ zero_ablate: [9] }, "Cannot edit layer 9"],
    [{ swap_source: other }, "the question has 0 images"],
    [{ swap_from: 1 }, "--swap_from needs --swap_source"],
    [{ edit: readEdits('[{"kind":"scael"}]') }, 'no kind "scael"; did you mean "scale"?'],
    [{ image: ["no-such.png"] }, "no-such.png"],
  ];
  for (const [options, message] of cases) {
    await assertRejects(() => ask({ ...question, ...options }), Error, message);
  }
});
