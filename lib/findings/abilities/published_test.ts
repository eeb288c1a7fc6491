import { assertEquals, assertStringIncludes } from "@std/assert";
import type { AbilityReport } from "./report.ts";
import { randomSource } from "../../testing/random_source.ts";
import { publishedTexts } from "./published.ts";
import { abilityTable } from "./table.ts";
import { madeAbilities } from "../testdata/made_findings.ts";

const made = madeAbilities(randomSource(1), { samples: 20 }, { Base: {}, IN: {}, RL: {} });

/** The report with IN under another name, asked the published benchmarks from other places. */
function named(name: string, data: string): AbilityReport {
  const rename = (model: string) => model === "models/IN" ? name : model;
  const basis = (benchmark: string) => ({ ...made.basis.perception!, benchmark, data });
  return {
    ...made,
    models: made.models.map((model) => ({ ...model, name: rename(model.name) })),
    scores: made.scores.map((score) => ({ ...score, model: rename(score.model), value: 0.5 })),
    outcomes: made.outcomes.map((outcome) => ({ ...outcome, model: rename(outcome.model) })),
    basis: {
      perception: basis("MathVista general_vqa"),
      alignment: basis("MathVista geometry"),
      reasoning: basis("MATH-500"),
    },
  };
}

Deno.test("published values stand beside values of the same model and benchmark only", () => {
  const report = named("AIcell/Frankenstein-IN", "hub");
  // The finer split of alignment is another benchmark.
  const [perception, reasoning, ...rest] = publishedTexts({ monotonicity: report });
  assertEquals(rest, []);
  assertStringIncludes(
    perception,
    "IN M_vis 34.0 (model card of AIcell/Frankenstein-IN, n not stated, judge not stated, " +
      "describer not stated, new tokens not stated), here 50.0 (0.0 to 100.0) (MathVista " +
      "general_vqa as published",
  );
  assertStringIncludes(reasoning, "IN M_rea 26.0 (");
  assertStringIncludes(reasoning, ": n and judge not known to be the same");
  const { columns, rows } = abilityTable("All", report);
  const at = columns.findIndex(({ label }) => label === "M_vis as published, %");
  assertEquals(rows.map((row) => row[at]), [null, 34, null]);
  for (
    const other of [
      named("AIcell/Frankenstein-IN", "embedded"),
      named("AIcell/Frankenstein-IN", "/own"),
      named("./IN", "hub"),
      named("toString", "hub"),
    ]
  ) assertEquals(publishedTexts({ monotonicity: other }), []);
  const unscored = report.scores.map((score) => ({ ...score, value: null }));
  assertEquals(publishedTexts({ necessity: { ...report, scores: unscored } }), []);
});
