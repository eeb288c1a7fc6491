import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { forward } from "./forward.ts";
import { lens } from "./lens.ts";
import { openRandom, textInput } from "./testdata/random_model.ts";
import { maxDifference } from "./testdata/reference.ts";

const input = textInput([5, 6, 7]);
const decode = (token: number) => `<${token}>`;

Deno.test("at the last layer the lens gives the model's own logits, likeliest first", async () => {
  await using decoder = await openRandom();
  const { numLayers, vocabSize } = decoder.config;
  const [{ logits }] = await forward(decoder, [{ input }], { logits: "all" });
  const seen = await lens(decoder, input, { tokens: "prompt", top: vocabSize, decode });
  assertEquals(seen.logits.dims, [numLayers, 3, vocabSize]);
  assert(maxDifference(seen.logits.row(-1), logits.data) < 1e-5);
  const last = seen.top.filter(({ layer, place }) => layer === numLayers - 1 && place === 2);
  assertAlmostEquals(last.reduce((sum, { probability }) => sum + probability, 0), 1, 1e-5);
  assertEquals(last[0].id, logits.row(2).indexOf(Math.max(...logits.row(2))));
  assertEquals(last[0].token, `<${last[0].id}>`);
  assertEquals(seen.toFrame().height, seen.top.length);
});

Deno.test("a lens on what is not there is refused", async () => {
  await using decoder = await openRandom();
  const refused = (options: object, message: string) =>
    assertRejects(() => lens(decoder, input, { decode, ...options }), Error, message);
  await refused({ top: 0 }, "the 0 likeliest tokens");
  await refused({ layers: [9] }, "layer 9");
  await refused({ tokens: [3] }, "there is no token 3");
  await refused({ layer: [1] }, 'did you mean "layers"?');
});
