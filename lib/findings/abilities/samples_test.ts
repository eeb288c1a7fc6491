import { assert, assertEquals } from "@std/assert";
import { abilityColumns } from "./samples.ts";
import { randomSource } from "../../testing/random_source.ts";
import { madeAbilities } from "../testdata/made_findings.ts";

const report = madeAbilities(randomSource(3), { samples: 4 }, { IN: {}, RL: {} });

function withOutcome(label: string, ids: string[], counted: boolean[]) {
  return {
    ...report,
    outcomes: report.outcomes.map((outcome) =>
      outcome.model === `models/${label}` && outcome.ability === "reasoning"
        ? { ...outcome, ids, counted }
        : outcome
    ),
  };
}

Deno.test("models are compared on the samples that both were asked, in one order", () => {
  const reordered = withOutcome("RL", ["3", "9", "1"], [true, true, false]);
  const found = abilityColumns(reordered, "reasoning", ["IN", "models/RL"]);
  assert(!("missing" in found));
  assertEquals(found.n, 2);
  assertEquals(found.columns["models/RL"], [0, 1]);
  const counted =
    report.outcomes.find(({ model, ability }) => model === "models/IN" && ability === "reasoning")!
      .counted;
  assertEquals(found.columns.IN, [Number(counted[1]), Number(counted[3])]);
});

Deno.test("a model that is absent, or shares no sample, is named", () => {
  assertEquals(abilityColumns(report, "reasoning", ["IN", "IN:RL:RL"]), {
    missing: "The report has no reasoning of IN:RL:RL, only of IN, RL.",
  });
  const apart = withOutcome("RL", ["8", "9"], [true, true]);
  assertEquals(abilityColumns(apart, "reasoning", ["IN", "RL"]), {
    missing: "IN, RL were asked no reasoning sample in common.",
  });
});
