import { assertEquals } from "@std/assert";
import { judgeClaims } from "../ledger.ts";
import { madeFindings } from "../testdata/made_findings.ts";
import { logitReadOuts, medianText, readOuts, visionReadOutFrame } from "./read_outs.ts";
import type { LogitRecord } from "./records.ts";

const LAYERS = [0, 4, 8];

function record(
  sample_id: string,
  direction: LogitRecord["direction"],
  [baseline, ...from]: readonly [number | null, ...number[]],
): LogitRecord {
  const answers = { own_answer: "a", other_answer: "b" };
  return { task: "ocr", sample_id, direction, ...answers, baseline, from, windows: from };
}

Deno.test("a pair is read out up to the last layer whose swap turns its mean logit difference", () => {
  const records = [
    // Turned up to layer 4; at layer 8 a quarter of the lead is gone.
    record("a", "forward", [-4, 4, 1, -3]),
    record("a", "backward", [-4, 4, 1, -3]),
    // One answer is likelier by 5 whatever the image: the mean over directions knows it is 4 by 4.
    record("bias", "forward", [-9, -1, -1, -6]),
    record("bias", "backward", [1, 9, 9, 4]),
    record("damage", "forward", [-4, -1, -1, -4]),
    record("blind", "forward", [0.5, 2, 2, 2]),
    record("alike", "forward", [null]),
  ];
  const [found, none] = logitReadOuts(records, { tasks: ["ocr", "counting"], layers: LAYERS });
  assertEquals(found, {
    task: "ocr",
    ids: ["a", "bias", "damage", "blind"],
    turned: [4, 4, -1, null],
    halved: [4, 8, 4, null],
  });
  assertEquals(none.ids, []);
});

Deno.test("medians are of the pairs that a swap turns, by answers, logits and half of them", () => {
  const vision = madeFindings({ effect: 1 }).vision!;
  const task = "ocr";
  const marks = ["1110-", "1100-", "0100-"];
  const report = {
    ...vision,
    ...{ tasks: [task], layers: LAYERS },
    outcomes: [{ task, ids: [..."abcde"], changed: marks }],
    logits: {
      ...{ window: 3, places: [] },
      read_outs: [{ task, ids: [..."abc"], turned: [4, -1, null], halved: [4, 8, null] }],
    },
  };
  assertEquals(readOuts(report, { task, measure: "answers" }), { of: 4, layers: [4, 8, 0] });
  assertEquals(readOuts(report, { task, measure: "logits" }), { of: 3, layers: [4] });
  assertEquals(medianText({ of: 9, layers: [0, 1, 2, 3, 4, 5, 6] }), "3 (0 to 6)");
  assertEquals(visionReadOutFrame(report).toRecords(), [
    { task, measure: "answers", pairs: 3, of: 4, layer: 4, low: null, high: null },
    { task, measure: "logits", pairs: 1, of: 3, layer: 4, low: null, high: null },
    { task, measure: "half of the logits", pairs: 2, of: 3, layer: 6, low: null, high: null },
  ]);
  const { logits: _, ...older } = report;
  assertEquals(readOuts(older, { task, measure: "logits" }), null);
});

Deno.test("a claim is mixed where answers and logits disagree on the order", () => {
  const findings = madeFindings({ effect: 1, layers: 28 });
  const vision = findings.vision!;
  const judged = (turned: (layer: number) => number) => {
    const read_outs = vision.logits!.read_outs!.map((pairs) => ({
      ...pairs,
      turned: pairs.turned.map((layer) => turned(layer!)),
    }));
    const report = { ...vision, logits: { ...vision.logits!, read_outs } };
    const claim = judgeClaims({ ...findings, vision: report }).claims[2];
    const ofOrder = (measure: string) =>
      claim.statements.find(({ id }) => id === `3.order.${measure}`)!;
    return { verdict: claim.verdict, answers: ofOrder("answers"), logits: ofOrder("logits") };
  };
  const opposed = judged((layer) => 27 - layer);
  assertEquals(
    [opposed.answers.verdict, opposed.logits.verdict, opposed.verdict],
    ["supported", "contradicted", "mixed"],
  );
  // Without a pair that a swap turns there is no order.
  const { logits } = judged(() => -1);
  assertEquals(
    [logits.verdict, logits.reason],
    [
      "not decided",
      "Of recognition no swap turns any pair, by logits. There is nothing to estimate.",
    ],
  );
});
