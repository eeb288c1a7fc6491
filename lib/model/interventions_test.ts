import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  checkIntervention,
  checkReceipt,
  emptyReceipt,
  firstTouchedLayer,
  type Intervention,
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
  checkIntervention({ swapVisualTokens: { fromLayer: 0, source } }, {
    row: 3,
    input: image,
    config,
  });
  const swap = (more: object) =>
    ({ swapVisualTokens: { fromLayer: 0, source: { ...source, ...more } } }) as Intervention;
  const cases: [Intervention, typeof image, string][] = [
    [{ zeroAblat: [3] } as Intervention, image, 'no "zeroAblat"; did you mean "zeroAblate"?'],
    [{ swap: { fromLayer: 0 } } as Intervention, image, "there are zeroAblate, swapVisualTokens"],
    [{}, image, "the intervention of row 3: it names nothing"],
    [{ zeroAblate: undefined }, image, "the intervention of row 3: it names nothing"],
    [null as unknown as Intervention, image, "it is null, not an object"],
    [[3] as Intervention, image, "it is [3], not an object"],
    [{ zeroAblate: [] }, image, "zeroAblate is [], not a list of one or more"],
    [{ zeroAblate: 3 } as unknown as Intervention, image, "zeroAblate is 3, not a list"],
    [
      { swapVisualTokens: { fromlayer: 1, source } } as unknown as Intervention,
      image,
      'did you mean "fromLayer"?',
    ],
    [swap({ tokes: 1 }), image, 'swapVisualTokens.source: it takes no "tokes"'],
    [
      swap({ values: [...layers([1, 2]).slice(1), Float32Array.from([5, NaN])] }),
      image,
      "value 1 of layer 3 of the source is NaN",
    ],
    [
      swap({ keys: layers([-Infinity, 0]) }),
      image,
      "value 0 of layer 0 of the source is -Infinity",
    ],
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
    assertThrows(() => checkIntervention(intervention, { row: 3, input, config }), Error, message);
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
