import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  checkIntervention,
  checkReceipt,
  emptyReceipt,
  firstTouchedLayer,
  resampleTokens,
} from "./interventions.ts";
import { readReference } from "./testdata/reference.ts";
import { caseInput } from "./testdata/reference.ts";
import type { QwenTextConfig } from "./qwen_config.ts";

const config = { numLayers: 4, numKvHeads: 1, headDim: 2 } as QwenTextConfig;
const reference = readReference("random");
const image = caseInput(reference, "square");
const text = caseInput(reference, "text");

Deno.test("tokens are resampled as torch's interpolate does", () => {
  // torch.nn.functional.interpolate(torch.tensor([[[0., 1., 4., 9., 16.]]]), size=n,
  //   mode="linear", align_corners=False)
  const source = Float32Array.from([0, 1, 4, 9, 16]);
  const expected: [number, number[]][] = [
    [3, [0.333333, 4, 13.666667]],
    [8, [0, 0.4375, 1.1875, 3.0625, 5.5625, 8.6875, 12.9375, 16]],
    [1, [4]],
  ];
  for (const [count, values] of expected) {
    const result = resampleTokens(source, 1, count);
    assertEquals(result.length, count);
    values.forEach((value, i) => assertAlmostEquals(result[i], value, 1e-5));
  }
  assertEquals(resampleTokens(source, 1, 5), source);
  // Columns do not mix.
  assertEquals(
    resampleTokens(Float32Array.from([0, 10, 1, 20]), 2, 1),
    Float32Array.from([0.5, 15]),
  );
});

Deno.test("a row differs from its first touched layer on", () => {
  const source = { tokens: 1, keys: [], values: [] };
  const hook = { layers: [2], apply: () => 0 };
  assertEquals(firstTouchedLayer({}, undefined, 4), 4);
  assertEquals(firstTouchedLayer({ zeroAblate: [3, 1] }, undefined, 4), 1);
  assertEquals(firstTouchedLayer({ swapVisualTokens: { fromLayer: 3, source } }, hook, 4), 2);
});

Deno.test("interventions that cannot be are refused with the reason", () => {
  const layers = (values: number[]) => Array.from({ length: 4 }, () => Float32Array.from(values));
  const source = { tokens: 1, keys: layers([1, 2]), values: layers([1, 2]) };
  checkIntervention({ swapVisualTokens: { fromLayer: 0, source } }, image, config);
  const cases: [Parameters<typeof checkIntervention>[0], typeof image, string][] = [
    [{ zeroAblate: [4] }, image, "Cannot zero-ablate layer 4: the model has layers 0 to 3"],
    [{ zeroAblate: [-1, 0, 1.5] }, image, "layer -1, 1.5"],
    [{ swapVisualTokens: { fromLayer: 4, source } }, image, "swap visual tokens from layer 4"],
    [{ swapVisualTokens: { fromLayer: 0, source } }, text, "the prompt has no image"],
    [
      { swapVisualTokens: { fromLayer: 0, source: { ...source, keys: layers([1, 2]).slice(1) } } },
      image,
      "the source has 3 layers, the model 4",
    ],
    [
      { swapVisualTokens: { fromLayer: 0, source: { ...source, values: layers([1]) } } },
      image,
      "has 1 values, where 1 tokens of 2 are needed",
    ],
  ];
  for (const [intervention, input, message] of cases) {
    assertThrows(() => checkIntervention(intervention, input, config), Error, message);
  }
});

Deno.test("an intervention that touched nothing is an error", () => {
  const intervention = { zeroAblate: [1] };
  assertThrows(
    () => checkReceipt(emptyReceipt(), { intervention }, 7),
    Error,
    "The zero ablation of row 7 touched nothing",
  );
  checkReceipt({ ...emptyReceipt(), callsLeftOut: 1 }, { intervention }, 7);
  checkReceipt(emptyReceipt(), { intervention: {} }, 7);
});
