/**
 * Claim 1: the abilities do not all improve monotonically.
 *
 * @module
 */
import { ABILITIES } from "../../abilities.ts";
import { type AbilityReport, abilityReportSchema, byOtherGrading } from "./report.ts";
import { abilityColumns } from "./samples.ts";
import { abilityTable } from "./table.ts";
import { type Difference, largestOf, shareDifference, turned } from "../../statistics/mod.ts";
import { decimalText } from "../../number_format.ts";
import { abilityFrames } from "./frames.ts";
import type { Finding, Missing } from "../finding.ts";
import type { AbilityFindingOptions } from "../finding_study.ts";
import { type Draft, judge, type Measured, type Question } from "../statement.ts";
import { term } from "../third_contrasts.ts";
import { ABILITY_TOKENS } from "../workload.ts";

const QUESTION: Question = {
  id: "1.decline",
  claim: 1,
  text: "Vision, alignment and reasoning do not all rise at both steps, Base → IN and IN → RL",
  direction: "at least one of the six steps is no rise of 3 points or more",
  statistic: { name: "the largest decline of a step", unit: "share" },
  of: "samples an ability",
};

const STEPS = [["Base", "IN"], ["IN", "RL"]] as const;

/** A rise by less is no improvement worth the name: 3 points. */
const MARGIN = 0.03;

/**
 * The claim says that some step is no rise. So it is supported if one step rises by less than the
 * margin even at a confidence corrected for six, and contradicted only if all six rise: the lower
 * limit of each is above 0. To believe all six takes no correction, since no single one that errs is
 * believed by itself (intersection-union test); wherever Holm's rejects all six, it does too.
 */
function measure(monotonicity: AbilityReport): Measured {
  const declines: Difference[] = [];
  const terms = [];
  let least = Infinity;
  const { not_run: left } = monotonicity;
  for (const ability of ABILITIES.filter((ability) => !(ability in left))) {
    const found = abilityColumns(monotonicity, ability, ["Base", "IN", "RL"]);
    if ("missing" in found) return found;
    const { columns, n } = found;
    least = Math.min(least, n);
    for (const [before, after] of STEPS) {
      const rise = shareDifference(columns[after], columns[before]);
      declines.push(turned(rise));
      terms.push(term(`${ability} ${before} → ${after}`, rise.contrast));
    }
  }
  const notes = [
    `A step that rises by less than ${decimalText(100 * MARGIN, 1)} points is no improvement`,
    ...Object.entries(left).map(([ability, reason]) => `No ${ability}: ${reason}`),
  ];
  if (declines.length === 0) return { missing: `${notes.slice(1).join("; ")}.` };
  return {
    ...largestOf(declines),
    ...{ margin: MARGIN, n: least, terms, note: notes.join("; ") },
  };
}

function judgeRise(report: AbilityReport | Missing): Draft {
  if ("missing" in report) return judge(QUESTION, report);
  const draft = judge(QUESTION, measure(report));
  const left = Object.keys(report.not_run);
  return {
    ...draft,
    decide: (corrected, statements) => {
      const statement = draft.decide(corrected, statements);
      if (left.length === 0 || statement.verdict !== "contradicted") return statement;
      // A decline may be in what was not measured.
      const reason = `${statement.reason} But ${left.join(" and ")} was not measured.`;
      return { ...statement, verdict: "not decided", reason };
    },
  };
}

/** Base, IN and RL. */
export const MONOTONICITY: Finding<AbilityReport, AbilityFindingOptions> = {
  notebook: "01",
  records: "transferability",
  workload: {
    models: 1,
    seconds: ({ sampleSize: n = 100 }, speed) => 3 * n * ABILITY_TOKENS / speed.tokens,
  },
  find: (study, options) => study.askAbilities([["base"], ["sft", "rl"]], options),
  byOtherGrading,
  table: "monotonicity.json",
  claim: 1,
  schema: abilityReportSchema,
  judge: (report) => [judgeRise(report)],
  summary: (report) => abilityTable("Base, IN and RL", report),
  frames: (report) => abilityFrames("monotonicity", report),
};
