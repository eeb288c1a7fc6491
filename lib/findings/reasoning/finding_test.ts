import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { judgeClaims } from "../ledger.ts";
import { madeFindings } from "../testdata/made_findings.ts";
import type { ReasoningReport } from "./report.ts";

/** A family whose late layers lose right answers; `change` makes what is tested of each report. */
function statementOf(change: (report: ReasoningReport) => ReasoningReport) {
  const { reasoning } = madeFindings({ effect: 1, layers: 12, samples: 100 });
  const { claims } = judgeClaims({ reasoning: reasoning!.map(change) });
  return claims[2].statements.find(({ id }) => id === "3.reasoning.math500")!;
}

Deno.test("layers whose loss is of answers at all say nothing of reasoning", () => {
  assertEquals(statementOf((report) => report).verdict, "supported");
  // Every right answer that is lost is lost because no answer comes.
  const damaged = statementOf((report) => ({
    ...report,
    outcomes: { ...report.outcomes!, formed: report.outcomes!.correct },
  }));
  assertEquals([damaged.verdict, damaged.estimate!.value], ["not decided", 0]);
});

Deno.test("fatal layers are left out and named", () => {
  // Without layer 0 nothing comes: as a loss it would outweigh all others of its third.
  const fatal = statementOf((report) => {
    const { correct, formed } = report.outcomes!;
    const none = "0".repeat(correct[0].length);
    const place = { layer: 0, n: 100, accuracy: 0, accuracy_low: 0, accuracy_high: 0.04 };
    return {
      ...report,
      places: [{
        ...place,
        ...{ drop: 0.8, drop_low: 0.7, drop_high: 0.9, accuracy_other: 0 },
        ...{ finished: 0, undecided: 0, formed: 0, fatal: true },
      }],
      outcomes: {
        ...report.outcomes!,
        correct: correct.map((marks, i) => i === 1 ? none : marks),
        formed: formed!.map((marks, i) => i === 1 ? none : marks),
      },
    };
  });
  assertEquals(fatal.verdict, "supported");
  assertStringIncludes(fatal.reason, "Without layer 0 hardly any answer comes".slice(1));
  assert(!fatal.reason.includes("almost none is right"));
});

Deno.test("a report that does not say which responses are answers is not judged", () => {
  const old = statementOf((report) => ({
    ...report,
    outcomes: { ...report.outcomes!, formed: undefined },
  }));
  assertEquals(old.verdict, "not run");
});

Deno.test("a mean ablation is a statement of its own, which says what it mends", () => {
  const { reasoning } = madeFindings({ effect: 1, layers: 12, samples: 100 });
  const fatal = (layer: number) => ({
    ...{ layer, n: 100, accuracy: 0, accuracy_low: 0, accuracy_high: 0.04 },
    ...{ drop: 0.8, drop_low: 0.7, drop_high: 0.9, accuracy_other: 0 },
    ...{ finished: 0, undecided: 0, formed: 0, fatal: true },
  });
  const withMeans = (turn: (marks: string[]) => string[]) => {
    const reports = reasoning!.map((report) => ({
      ...report,
      places: [fatal(0), fatal(3)],
      mean: {
        over: { prompts: 100, hash: "a" },
        norms: report.layers.map(() => 1),
        places: [fatal(3), fatal(7)],
        outcomes: { ...report.outcomes!, correct: turn(report.outcomes!.correct) },
      },
    }));
    const [, , claim] = judgeClaims({ reasoning: reports }).claims;
    const ofMean = claim.statements.find(({ id }) => id === "3.reasoning.math500.mean")!;
    return { count: claim.statements.filter(({ id }) => id.includes("reasoning")).length, ofMean };
  };
  const { count, ofMean } = withMeans((marks) => marks);
  assertEquals([count, ofMean.verdict], [4, "supported"]);
  assertStringIncludes(ofMean.reason, "layer 0 is fatal left out, and not with its mean");
  assertStringIncludes(ofMean.reason, "layer 3 is fatal either way");
  assertStringIncludes(ofMean.reason, "layer 7 is fatal with its mean, and not left out");
  const turned = withMeans(([baseline, ...ablated]) => [baseline, ...ablated.reverse()]);
  assertEquals(turned.ofMean.verdict, "contradicted");
});
