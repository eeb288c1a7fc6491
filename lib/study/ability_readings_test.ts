import { assert, assertStringIncludes } from "@std/assert";
import {
  ABILITIES,
  type Ability,
  ABILITY_METRICS,
  type AbilityReport,
} from "../evaluation/ability_report.ts";
import { madeBases } from "../testing/made_bases.ts";
import { readMonotonicity, readNecessity, readTransferability } from "./ability_readings.ts";

const N = 100;
const ids = Array.from({ length: N }, (_, i) => `q${i}`);

/** Of each model, how many of 100 samples count in perception, alignment and reasoning. */
type Counts = Record<string, readonly [number, number, number]>;

/** A report in which a model that counts k samples counts the first k: differences are certain. */
function reportOf(counts: Counts, abilities: readonly Ability[] = ABILITIES): AbilityReport {
  const models = Object.keys(counts);
  const each = <T>(make: (label: string, ability: Ability, count: number) => T) =>
    abilities.flatMap((ability) =>
      models.map((label) => make(label, ability, counts[label][ABILITIES.indexOf(ability)]))
    );
  return {
    ...{ experiment_type: "v1", sample_size: N, sample_seed: 1, max_new_tokens: 9 },
    ...{ basis: madeBases(abilities), not_run: {}, grading: "sound", disagreements: [] },
    models: models.map((label) => ({ name: `./${label}`, label, kind: "reasoner" })),
    scores: each((label, ability, count) => ({
      ...{ model: `./${label}`, ability, experiment: ability, metric: ABILITY_METRICS[ability] },
      ...{ n: N, value: count / N, low: 0, high: 1, accuracy_a: 1, accuracy_b: null },
      ...{ other_value: count / N, timed_out: 0, undecided: 0 },
    })),
    outcomes: each((label, ability, count) => ({
      ...{ model: `./${label}`, ability, ids, right_b: null, counted_other: null },
      counted: ids.map((_, i) => i < count),
      right_a: ids.map((_, i) => i < count),
    })),
    bootstrap: { seed: 0, rounds: 200, confidence: 0.9 },
  };
}

/** The same with another model's samples counted from the end: the same values, less certain. */
function turned(report: AbilityReport, label: string): AbilityReport {
  return {
    ...report,
    outcomes: report.outcomes.map((outcome) =>
      outcome.model === `./${label}`
        ? { ...outcome, counted: outcome.counted.toReversed() }
        : outcome
    ),
  };
}

Deno.test("monotonicity: a certain fall is so, an uncertain one by the values, no fall not so", () => {
  const counts: Counts = { Base: [50, 20, 20], IN: [60, 40, 30], RL: [40, 50, 45] };
  const fall = readMonotonicity(reportOf(counts)).text;
  assertStringIncludes(fall, "with 90 % intervals, paired by sample");
  assertStringIncludes(
    fall,
    "- **perception** (M_vis, n = 100): Base 50.0 %; IN 60.0 %, +10.0 (+",
  );
  assertStringIncludes(fall, "RL 40.0 %, −20.0 (−");
  assertStringIncludes(fall, "here perception from IN to RL does not rise; it is so, with an");
  assertStringIncludes(fall, "interval below 0 for perception from IN to RL.");

  const small = readMonotonicity(turned(reportOf({ ...counts, RL: [59, 50, 45] }), "RL")).text;
  assertStringIncludes(small, "RL 59.0 %, −1.0 (−");
  assertStringIncludes(small, "by the values it is so, but no interval lies below 0.");

  const rise = readMonotonicity(reportOf({ ...counts, RL: [70, 50, 45] })).text;
  assertStringIncludes(rise, "here all 6 steps rise: it is not so.");
  // A step that neither rises nor falls is no improvement.
  const flat = readMonotonicity(reportOf({ ...counts, RL: [70, 50, 30] })).text;
  assertStringIncludes(flat, "here reasoning from IN to RL does not rise; by the values it is so");
});

const SPLICED: Counts = {
  IN: [50, 20, 20],
  RL: [40, 50, 60],
  "IN:RL:RL": [45, 45, 55],
  "RL:IN:IN": [50, 22, 21],
  "RL:RL:IN": [48, 30, 58],
};

Deno.test("transferability: so where mid-late blocks bring the gain and early ones do not", () => {
  const agree = readTransferability(reportOf(SPLICED)).text;
  assertStringIncludes(agree, "- **alignment** (M_v2r, n = 100): RL less IN +30.0 (+");
  assertStringIncludes(agree, "IN:RL:RL less IN +25.0");
  assertStringIncludes(agree, "RL:IN:IN less IN +2.0");
  assertStringIncludes(agree, "the highest splice is IN:RL:RL, +25.0");
  assertStringIncludes(agree, "the highest splice is RL:RL:IN, +38.0");
  assertStringIncludes(
    agree,
    "RL gains in alignment and reasoning here, and of these it is so for alignment and reasoning, " +
      "with all intervals above 0 for alignment and reasoning.",
  );

  const swapped = { "IN:RL:RL": SPLICED["RL:IN:IN"], "RL:IN:IN": SPLICED["IN:RL:RL"] };
  const early = readTransferability(reportOf({ ...SPLICED, ...swapped })).text;
  assertStringIncludes(early, "of these it is so for none.");

  const weak = reportOf({ ...SPLICED, "IN:RL:RL": [45, 23, 22] });
  const unsure = readTransferability(turned(weak, "IN:RL:RL")).text;
  assertStringIncludes(unsure, "so for alignment and reasoning, though not with all intervals");

  const none = readTransferability(reportOf({ ...SPLICED, RL: [40, 20, 10] })).text;
  assertStringIncludes(none, "RL gains in no ability here, so there is nothing to transfer.");
});

const FROZEN: Counts = {
  IN: [50, 20, 20],
  RL: [40, 50, 60],
  "frozen early": [40, 50, 58],
  "frozen mid": [40, 35, 50],
  "frozen late": [40, 20, 24],
};

Deno.test("necessity: so where the late block costs most of reasoning's gain", () => {
  const agree = readNecessity(reportOf(FROZEN)).text;
  assertStringIncludes(agree, "- **reasoning** (M_rea, n = 100): RL less IN +40.0 (+");
  assertStringIncludes(agree, "early +2.0 (");
  assertStringIncludes(agree, "late +36.0 (+");
  assertStringIncludes(agree, "they keep 95 %, 75 % and 10 % of RL's gain.");
  assertStringIncludes(agree, "RL has no gain here that could be kept.");
  assertStringIncludes(agree, "it is so here, with all intervals above 0.");

  const unsure = readNecessity(turned(reportOf({ ...FROZEN, RL: [40, 50, 21] }), "IN")).text;
  assertStringIncludes(unsure, "of RL's gain (a gain whose own interval includes 0)");

  const middle = readNecessity(reportOf({ ...FROZEN, "frozen mid": [40, 35, 20] })).text;
  assertStringIncludes(
    middle,
    "not so here, where freezing the middle block costs as much or more.",
  );
  const free = readNecessity(reportOf({ ...FROZEN, "frozen late": [40, 35, 62] })).text;
  assertStringIncludes(free, "they keep 95 %, 75 % and 105 % of RL's gain.");
  assertStringIncludes(free, "not so here, where freezing the late block costs nothing.");
  const lost = readNecessity(reportOf({ ...FROZEN, RL: [40, 50, 20] })).text;
  assertStringIncludes(lost, "here RL does not gain in reasoning, so there is nothing to lose.");
  const unasked = readNecessity(reportOf(FROZEN, ["alignment"])).text;
  assertStringIncludes(unasked, "reasoning was not measured here.");
  assert(!unasked.includes("M_rea"));
});

Deno.test("necessity: by the values where intervals are wide", () => {
  const report = turned(reportOf({ ...FROZEN, "frozen late": [40, 20, 49] }), "frozen late");
  assertStringIncludes(
    readNecessity(report).text,
    "by the values it is so here, though not with all intervals above 0.",
  );
});

Deno.test("readings: published values stand beside values of the same model and benchmark only", () => {
  const report = reportOf({ ...FROZEN, Base: [1, 2, 3], ...SPLICED });
  const named = (name: string, data: string): AbilityReport => {
    const rename = (model: string) => model === "./IN" ? name : model;
    const basis = (benchmark: string) => ({ ...report.basis.perception, benchmark, data });
    return {
      ...report,
      models: report.models.map((model) => ({ ...model, name: rename(model.name) })),
      scores: report.scores.map((score) => ({ ...score, model: rename(score.model) })),
      outcomes: report.outcomes.map((own) => ({ ...own, model: rename(own.model) })),
      basis: {
        perception: basis("MathVista general_vqa"),
        alignment: basis("MathVista geometry"),
        reasoning: basis("MATH-500"),
      },
    };
  };
  for (const read of [readMonotonicity, readTransferability, readNecessity]) {
    const { text } = read(named("AIcell/Frankenstein-IN", "hub"));
    assertStringIncludes(
      text,
      "Published, in percent: IN M_vis 34.0 (model card of AIcell/Frankenstein-IN, n not stated, " +
        "judge not stated, describer not stated, new tokens not stated), here 50.0 (MathVista " +
        "general_vqa as published, n = 100, graded by rules); IN M_rea 26.0 (",
    );
    // The finer split is another benchmark, and so are other data, and another model.
    assert(!text.includes("M_v2r 21"));
    for (
      const other of [
        named("AIcell/Frankenstein-IN", "embedded"),
        named("AIcell/Frankenstein-IN", "/own"),
        named("./IN", "hub"),
        named("toString", "hub"),
      ]
    ) {
      assert(!read(other).text.includes("Published"));
    }
  }
});

Deno.test("readings: a report without the models says so", () => {
  const report = reportOf({ IN: [1, 1, 1], "gpt-4o": [9, 9, 9] });
  for (const read of [readMonotonicity, readTransferability, readNecessity]) {
    const { text } = read(report);
    assertStringIncludes(text, "There is nothing to compare");
    assertStringIncludes(text, "the report has IN and gpt-4o");
  }
});
