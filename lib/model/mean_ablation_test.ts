import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { tinyFolder } from "../testing/tiny_model.ts";
import { zeroLayer } from "./edits/mod.ts";

import { divergenceFrom } from "./log_probability.ts";
import { layerMeans, meanAblation } from "./mean_ablation.ts";
import { VisionLanguageModel } from "./model.ts";
import { extendInput, textInput } from "./model_input.ts";
import reference from "./testdata/ablations.json" with { type: "json" };
import { testdata } from "./testdata/reference.ts";

for (const name of ["tiny", "random"] as const) {
  Deno.test(`${name}: means of layers, ablations and divergences are plain PyTorch's`, async () => {
    const { prompts, answer, means, zero, mean } = reference[name];
    const folder = name === "tiny" ? tinyFolder("base") : testdata("random-qwen");
    await using model = await VisionLanguageModel.open(folder);
    const inputs = prompts.map(textInput);
    const found = await layerMeans(model, inputs);
    for (const [layer, values] of means.entries()) {
      values.forEach((value, i) => assertAlmostEquals(found[layer][i], value, 1e-4));
    }
    const input = extendInput(inputs[0], answer);
    // All in one batch with the unedited model, which shares the layers before each.
    const [own, ...edited] = await model.forward([
      { input },
      ...zero.map((_, layer) => ({ input, edits: [zeroLayer(layer)] })),
      ...mean.map((_, layer) => ({ input, edits: meanAblation(layer, found[layer]) })),
    ], { logits: "answer" });
    assertEquals(own.logits.dims[0], answer.length + 1);
    for (const [i, { kl, logits }] of [...zero, ...mean].entries()) {
      const given = edited[i].logits;
      const tokens = Array.from({ length: answer.length + 1 }, (_, token) => token);
      const divergence = tokens.reduce(
        (sum, token) => sum + divergenceFrom(own.logits.row(token))(given.row(token)),
        0,
      ) / tokens.length;
      assertAlmostEquals(divergence, kl, 1e-4 * (1 + kl), `row ${i}`);
      const last = given.row(answer.length);
      logits.forEach((logit, j) => assertAlmostEquals(last[16 * j], logit, 5e-4, `row ${i}`));
    }
    assert(edited.slice(zero.length).every(({ receipts: [, added] }) => added.norm! > 0));
  });
}

Deno.test("a mean is put in the place of a layer at every generated token too", async () => {
  await using model = await VisionLanguageModel.open(tinyFolder("base"));
  const input = textInput(reference.tiny.prompts[0]);
  const mean = Float32Array.from(reference.tiny.means[5]);
  const edits = meanAblation(5, mean);
  const [{ tokens, receipts }] = await model.generate([{ input, edits }], { maxNewTokens: 6 });
  assertEquals(receipts.map(({ calls }) => calls), [6, 6]);
  // Each token is the likeliest after those before it, in a pass over all of them.
  const forced = extendInput(input, tokens.slice(0, -1));
  const [{ logits }] = await model.forward([{ input: forced, edits }], { logits: "answer" });
  for (const [i, token] of tokens.entries()) {
    const row = logits.row(i);
    assertAlmostEquals(row[token], Math.max(...row), 1e-3);
  }
  await assertRejects(() => layerMeans(model, []), RangeError, "no prompts");
});
