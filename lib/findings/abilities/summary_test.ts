import { assertEquals } from "@std/assert";
import { EXPERIMENTS } from "./experiment_types.ts";
import {
  roundTo4,
  type SummarisedRecord,
  summariseExperiment,
  transitionStatistics,
} from "./summary.ts";

const labels = (text: string) => new Map([...text].map((mark, i) => [String(i), mark === "T"]));

Deno.test("shares are rounded as Python rounds them, ties to the even digit", () => {
  // Python 3.11: [round(x, 4) for x in ...]
  const rounded: [number, number][] = [
    [1 / 3, 0.3333],
    [2 / 3, 0.6667],
    [1 / 32, 0.0312],
    [3 / 32, 0.0938],
    [5 / 32, 0.1562],
    [-1 / 32, -0.0312],
    [-3 / 32, -0.0938],
    [31 / 32, 0.9688],
    [1 / 7, 0.1429],
    [0.00005, 0.0001],
    [0.12345, 0.1235],
    [1, 1],
    [0, 0],
  ];
  assertEquals(rounded.map(([value]) => roundTo4(value)), rounded.map(([, text]) => text));
});

Deno.test("transitions are counted over the shared samples", () => {
  // By hand: TT at 0, 1; TF at 2; FT at 3, 4, 5; FF at 6; 7 is in A alone.
  const statistics = transitionStatistics(labels("TTTFFFFT"), labels("TTFTTTF"));
  assertEquals(statistics, {
    N: 7,
    acc_A: 0.4286,
    acc_B: 0.7143,
    delta_acc: -0.2857,
    n_TT: 2,
    n_TF: 1,
    n_FT: 3,
    n_FF: 1,
    net_gain: 2,
    side_effect_rate: 0.3333,
    lift_rate: 0.75,
  });
});

Deno.test("without samples every number is 0", () => {
  assertEquals(
    new Set(Object.values(transitionStatistics(labels(""), labels("TF")))),
    new Set([0]),
  );
});

function records(setting: string, marks: string): SummarisedRecord[] {
  return [...labels(marks)].map(([id, correct], i) => ({
    id,
    setting,
    correct,
    correct_gpt: null,
    // The third sample is right by the original's rules alone.
    correct_sound: correct && i !== 2,
    rule: i === 1 ? "undecided" : "text",
    rule_sound: "text",
    timed_out: i === 0,
    graded_by: i < 2 ? "rules" : "judge",
  }));
}

Deno.test("summaries have the original's fields, then ours", () => {
  const [perception, alignment, reasoning] = EXPERIMENTS.v1;
  const pair = (b: string) => [...records("A_image_prompt", "TTTF"), ...records(b, "TFFF")];
  const seen = summariseExperiment(pair("B_black_image_prompt"), {
    experiment: perception,
    model: "org/m",
  });
  assertEquals(Object.keys(seen), [
    ...["N", "acc_A", "acc_B", "delta_acc", "n_TT", "n_TF", "n_FT", "n_FF", "net_gain"],
    ...["side_effect_rate", "lift_rate", "M_vis", "setting_A", "setting_B", "experiment", "model"],
    ...["description", "timed_out", "undecided", "graded_by_rules", "sound"],
  ]);
  assertEquals([seen.M_vis, seen.n_TF, seen.timed_out, seen.undecided], [0.5, 2, 2, 2]);
  assertEquals([seen.setting_B, seen.model, seen.graded_by_rules], [
    "B_black_image_prompt",
    "org/m",
    4,
  ]);
  const aligned = summariseExperiment(pair("B_black_desc_prompt"), {
    experiment: alignment,
    model: "org/m",
  });
  assertEquals([aligned.M_v2r, aligned.n_TT], [0.25, 1]);
  const solved = summariseExperiment(records("A_prompt_only", "TFT"), {
    experiment: reasoning,
    model: "org/m",
  });
  assertEquals(Object.entries(solved).slice(0, 8), [
    ["N", 3],
    ["acc", 0.6667],
    ["correct", 2],
    ["M_rea", 0.6667],
    ["setting", "A_prompt_only"],
    ["experiment", "reasoning_math500"],
    ["model", "org/m"],
    ["description", "MATH-500 (reasoning test)"],
  ]);
  assertEquals(solved.sound, {
    ...{ N: 3, acc: 0.3333, correct: 1, M_rea: 0.3333 },
    ...{ undecided: 0, gradings_differ: 1 },
  });
  assertEquals([seen.sound?.M_vis, seen.sound?.n_TF], [0.25, 1]);
  // The original's own records have no sound grade.
  const theirs = records("A_prompt_only", "TFT").map(({ id, setting, correct }) =>
    ({ id, setting, correct }) satisfies SummarisedRecord
  );
  const old = summariseExperiment(theirs, { experiment: reasoning, model: "org/m" });
  assertEquals([old.acc, old.sound], [0.6667, null]);
});
