import { assert, assertEquals, assertThrows } from "@std/assert";
import type { AbilityRecord } from "./records.ts";
import {
  type AbilityReport,
  abilityReportSchema,
  byOtherGrading,
  reportAbilities,
} from "./report.ts";
import { abilityDifferenceFrame, abilityFrame } from "./frames.ts";
import { EXPERIMENTS } from "./experiment_types.ts";
import { OTHER_STANDING, roleStanding } from "./model_standing.ts";
import { basisText } from "../../basis.ts";

/** Records of one model and setting; right are T, by the original's rules O, by sound ones S. */
function records(
  model: string,
  [experiment, setting]: readonly [number, number],
  marks: string,
  more: Partial<AbilityRecord> = {},
): AbilityRecord[] {
  const { name, settings } = EXPERIMENTS.v1[experiment];
  return [...marks].map((mark, i) => ({
    id: String(i),
    input_type: settings[setting]!.inputType,
    question: "?",
    gold_answer: "1",
    predicted: "1",
    correct: "TO".includes(mark),
    full_response: "1",
    model_type: "base",
    timed_out: false,
    inference_time: 0,
    dataset: name,
    model,
    setting: settings[setting]!.name,
    correct_gpt: null,
    gpt_grade: null,
    correct_primary: "TO".includes(mark),
    label: model,
    rule: mark === "O" ? "containment" : "none",
    predicted_sound: null,
    correct_sound: "TS".includes(mark),
    rule_sound: "different",
    new_tokens: 1,
    description: null,
    graded_by: "rules",
    question_hash: "0",
    ...more,
  }));
}

const MODELS = [
  { name: "org/in", label: "IN", kind: "reasoner", ...roleStanding("sft") },
  { name: "org/rl", label: "RL", kind: "reasoner", ...roleStanding("rl") },
];
const RECORDS = [
  ...records("org/in", [0, 0], "TTTTTTTTFF", { timed_out: true }),
  ...records("org/in", [0, 1], "TTTTTTFFTF"),
  ...records("org/rl", [0, 0], "TTTTTTTTTT"),
  ...records("org/rl", [0, 1], "FFFFFFFFTT", { rule_sound: "undecided" }),
  ...records("org/in", [1, 0], "TTTFF"),
  ...records("org/in", [1, 1], "FTTTF"),
  ...records("org/rl", [1, 0], "TTTTF"),
  // The last sample has no answer in B.
  ...records("org/rl", [1, 1], "TTTT", { graded_by: "judge" }),
  ...records("org/in", [2, 0], "TFTO"),
  ...records("org/rl", [2, 0], "TTTF"),
];
const OPTIONS = {
  experimentType: "v1",
  sampleSize: 10,
  sampleSeed: 123,
  maxNewTokens: 64,
  models: MODELS,
  sources: { mathvista: "hub", math500: "./own" },
} as const;

Deno.test("measures are shares of samples, counted by hand", () => {
  const report = reportAbilities(RECORDS, OPTIONS);
  assertEquals(abilityReportSchema.parse(report), report);
  const fields = report.scores.map(({ model, metric, n, value, accuracy_a, accuracy_b }) =>
    [model, metric, n, value, accuracy_a, accuracy_b].join(" ")
  );
  assertEquals(fields, [
    "org/in M_vis 10 0.2 0.8 0.7",
    "org/rl M_vis 10 0.8 1 0.2",
    "org/in M_v2r 5 0.4 0.6 0.6",
    "org/rl M_v2r 4 1 1 1",
    "org/in M_rea 4 0.5 0.5 ",
    "org/rl M_rea 4 0.75 0.75 ",
  ]);
  for (const { value, low, high } of report.scores) {
    assert(low! <= value! && value! <= high! && low! >= 0 && high! <= 1);
  }
  assertEquals(report.scores.map(({ timed_out }) => timed_out), [10, 0, 0, 0, 0, 0]);
  assertEquals(report.scores.map(({ undecided }) => undecided), [0, 10, 0, 0, 0, 0]);
  assertEquals(Object.values(report.basis).map(basisText), [
    "MathVista general_vqa as published, n = 10, graded by sound rules (the original's rules differ " +
    "on 0 of 40 answers)",
    "MathVista math_vqa as published, n = 5, graded by judge and sound rules (the original's rules " +
    "differ on 0 of 15 answers)",
    "MATH-500 of ./own, n = 4, graded by sound rules (the original's rules differ on 1 of 8 answers)",
  ]);
  const [seen] = report.outcomes;
  assertEquals(seen.counted.map(Number).join(""), "0000001100");
  assertEquals(report.outcomes[4].right_b, null);
});

Deno.test("frames have a row for each model and ability, differences a paired interval", () => {
  const report = reportAbilities(RECORDS, OPTIONS);
  const frame = abilityFrame(report);
  assertEquals([frame.height, frame.columns.slice(0, 4)], [
    6,
    ["model", "label", "ability", "metric"],
  ]);
  const differences = abilityDifferenceFrame(report, { reference: "IN" }).toRecords();
  assertEquals(
    differences.map(({ label, metric, n, diff }) => [label, metric, n, diff]),
    [["RL", "M_vis", 10, 0.6], ["RL", "M_v2r", 4, 0.5], ["RL", "M_rea", 4, 0.25]],
  );
  assertThrows(() => abilityDifferenceFrame(report, { reference: "Base" }), Error, '"Base"');
});

Deno.test("a model without records has no value, and is no error", () => {
  const models = [...MODELS, { name: "none", label: "none", kind: "base", ...OTHER_STANDING }];
  const report = reportAbilities(RECORDS, { ...OPTIONS, models });
  const [, , none] = report.scores;
  assertEquals([none.model, none.n, none.value, none.accuracy_a], ["none", 0, null, null]);
  assertEquals(abilityReportSchema.parse(report), report);
});

Deno.test("the other grading stands beside, and takes the place of the first", () => {
  const report = reportAbilities(RECORDS, OPTIONS);
  const original = reportAbilities(RECORDS, { ...OPTIONS, grading: "original" });
  const score = (of: AbilityReport) =>
    of.scores.find(({ model, metric }) => model === "org/in" && metric === "M_rea")!;
  assertEquals([score(report).value, score(report).other_value], [0.5, 0.75]);
  assertEquals([score(original).value, score(original).other_value], [0.75, 0.5]);
  assertEquals(report.disagreements, [
    { original: "containment", sound: "different", right: "original", answers: 1 },
  ]);
  assertEquals(report.outcomes.filter(({ counted_other }) => counted_other !== null).length, 1);
  const swapped = byOtherGrading(report);
  assertEquals(swapped.grading, "original");
  assertEquals(
    swapped.outcomes.map(({ counted }) => counted),
    original.outcomes.map(({ counted }) => counted),
  );
  assertEquals(byOtherGrading(swapped), report);
});
