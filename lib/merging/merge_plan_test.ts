import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  layerRuns,
  type LayerStep,
  type MergePlan,
  parseLayerCuts,
  planMerge,
} from "./merge_plan.ts";
import { PAPER_SPLICES } from "./paper_splices.ts";
import { drawMergePlan, mergePlanSummary } from "./show_merge_plan.ts";
import { defaultLayerCuts } from "../thirds.ts";

/** Donors of a plan's layers, one letter each, `*` where they are computed. */
function donors({ layers }: MergePlan): string {
  return layers.map((step) => step.op === "take" ? step.model[0] : "*").join("");
}

Deno.test("cuts are floor(L/3) and floor(2L/3)", () => {
  const expected = { 3: [1, 2], 8: [2, 5], 12: [4, 8], 28: [9, 18], 36: [12, 24], 80: [26, 53] };
  for (const [layers, cuts] of Object.entries(expected)) {
    assertEquals([...defaultLayerCuts(Number(layers))], cuts);
  }
  assertThrows(() => defaultLayerCuts(2), RangeError, "at least 3");
  assertEquals([parseLayerCuts("8 20"), parseLayerCuts(" 8 , 20 ")], [[8, 20], [8, 20]]);
  for (const text of ["8", "8,20,3", "8;20", "-1,3", "1.5,3", ""]) {
    assertThrows(() => parseLayerCuts(text), Error, "Cannot read layer cuts");
  }
});

Deno.test("the paper's six splices take each third from the model named for it", () => {
  assertEquals(PAPER_SPLICES.length, 6);
  for (const { name, expression } of PAPER_SPLICES) {
    const plan = planMerge(expression, { numLayers: 28 });
    const [early, middle, late] = name.split(":").map((model) => model === "IN" ? "s" : "r");
    assertEquals(donors(plan), early.repeat(9) + middle.repeat(9) + late.repeat(10), name);
    assertEquals(plan.rest[0], early);
    assertEquals(plan.models.length, 2);
  }
});

Deno.test("each form touches the layers it names", () => {
  const cases: [string, string][] = [
    ["sft early 1/3 layers + rl late 2/3 layers", "ssrrrrrr"],
    ["sft early 2/3 layers + rl late 1/3 layers", "sssssrrr"],
    ["base layers 0-7 replaced by rl", "rrrrrrrr"],
    ["base layers 3 replaced by rl", "bbbrbbbb"],
    ["base early 1/3 layers replaced by rl", "rrbbbbbb"],
    ["base middle 1/3 layers ablate noise=1", "bb***bbb"],
    ["base late 1/3 layers interpolate rl alpha=0.5 component=mlp", "bbbbb***"],
  ];
  for (const [expression, expected] of cases) {
    assertEquals(donors(planMerge(expression, { numLayers: 8 })), expected, expression);
  }
  const cut = planMerge(cases[0][0], { numLayers: 8, cuts: [1, 6] });
  assertEquals(donors(cut), "srrrrrrr");
  assertEquals(donors(planMerge(cases[1][0], { numLayers: 8, cuts: [1, 6] })), "ssssssrr");
  const noise = planMerge("rl layers 1 ablate noise=0.25", { numLayers: 3, seed: 7 });
  assertEquals(noise.layers[1], { op: "noise", model: "rl", ratio: 0.25, seed: 7 });
  assertEquals(noise.models, ["rl"]);
});

Deno.test("layers, cuts and seeds out of range are refused", () => {
  const splice = "sft early 1/3 layers + rl late 2/3 layers";
  const plan = (options: object, expression = splice) => () =>
    planMerge(expression, { numLayers: 12, ...options });
  assertThrows(plan({}, "sft layers 9-12 replaced by rl"), RangeError, "layers 0 to 11");
  for (const cuts of [[0, 4], [4, 4], [8, 4], [4, 12], [1.5, 4], [NaN, 4]]) {
    assertThrows(plan({ cuts }), RangeError, "0 < C1 < C2 < 12");
  }
  for (const seed of [-1, 1.5, 2 ** 32]) assertThrows(plan({ seed }), RangeError, "seed");
  assertThrows(plan({ numLayers: 2 }), RangeError, "at least 3");
});

Deno.test("a plan survives JSON, and its runs are its layers", () => {
  fc.assert(fc.property(
    fc.constantFrom(
      ...PAPER_SPLICES.map(({ expression }) => expression),
      "a/b middle 1/3 layers interpolate c/d alpha=0.1",
      "base layers 2-4 ablate noise=0.5",
    ),
    fc.integer({ min: 5, max: 90 }),
    (expression, numLayers) => {
      const plan = planMerge(expression, { numLayers });
      assertEquals(JSON.parse(JSON.stringify(plan)), plan);
      assertEquals(planMerge(plan.expression, { numLayers }), plan);
      const spread = layerRuns(plan).flatMap(({ first, last, step }) =>
        Array<LayerStep>(last - first + 1).fill(step)
      );
      assertEquals(spread, plan.layers);
      assertEquals(plan.layers.length, numLayers);
    },
  ));
});

Deno.test("a plan as a frame and as a picture", () => {
  const expression = "base layers 3-6 interpolate org/rl alpha=0.1 component=mlp";
  const plan = planMerge(expression, { numLayers: 8 });
  assertEquals(mergePlanSummary(plan).toRecords()[2], {
    layers: "3-4",
    region: "middle",
    operation: "interpolate",
    model: "base",
    donor: "org/rl",
    alpha: 0.1,
    component: "mlp",
    noise: null,
  });
  assertEquals(
    mergePlanSummary(plan).toRecords().map(({ layers, region, operation }) =>
      `${layers} ${region} ${operation}`
    ),
    [
      "0-1 early take",
      "2 middle take",
      "3-4 middle interpolate",
      "5-6 late interpolate",
      "7 late take",
    ],
  );
  assertEquals(
    drawMergePlan(plan),
    [
      "          early middle late",
      "layers    AA    Abb    bbA",
      "the rest  A",
      "A = base, B = org/rl, b = 0.9 A + 0.1 B in mlp",
    ].join("\n"),
  );
  const noise = drawMergePlan(planMerge("rl late 1/3 ablate noise=1", { numLayers: 30, seed: 3 }));
  assert(noise.includes("AAAAAAAAAA AAAAAAAAAA ~~~~~~~~~~"), noise);
  assert(noise.includes("~ = A with 1 noise, seed 3"), noise);
});
