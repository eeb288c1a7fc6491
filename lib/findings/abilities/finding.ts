/**
 * Claim 1: the abilities do not all improve monotonically.
 *
 * @module
 */
import { ABILITIES } from "../../abilities.ts";
import { type AbilityReport, abilityReportSchema } from "../../evaluation/mod.ts";
import { abilityColumns } from "./samples.ts";
import { abilityTable } from "./table.ts";
import {
  type Contrast,
  largest,
  less,
  meanContrast,
  type Resampling,
} from "../../statistics/mod.ts";
import type { Finding, Missing } from "../finding.ts";
import { judge, type Measured, type Question, type Statement } from "../statement.ts";
import { term } from "../third_contrasts.ts";

const QUESTION: Question = {
  id: "1.decline",
  claim: 1,
  text: "Vision, alignment and reasoning do not all rise at both steps, Base → IN and IN → RL",
  direction: "at least one of the six steps is a decline",
  statistic: { name: "the largest decline of a step", unit: "share" },
  of: "samples an ability",
};

const STEPS = [["Base", "IN"], ["IN", "RL"]] as const;

/**
 * The claim says that some step is no rise, so it is the largest of six declines that is tested:
 * supported if one step falls even at a confidence corrected for six, contradicted only if all six
 * rise.
 */
function measure(monotonicity: AbilityReport, resampling: Resampling): Measured {
  const declines: Contrast[] = [];
  const terms = [];
  let least = Infinity;
  const { not_run: left } = monotonicity;
  for (const ability of ABILITIES.filter((ability) => !(ability in left))) {
    const found = abilityColumns(monotonicity, ability, ["Base", "IN", "RL"]);
    if ("missing" in found) return found;
    const { columns, n } = found;
    least = Math.min(least, n);
    for (const [before, after] of STEPS) {
      declines.push(meanContrast(less(columns[before], columns[after]), resampling));
      const rise = meanContrast(less(columns[after], columns[before]), resampling);
      terms.push(term(`${ability} ${before} → ${after}`, rise));
    }
  }
  const notes = Object.entries(left).map(([ability, reason]) => `No ${ability}: ${reason}`);
  const note = notes.length > 0 ? notes.join("; ") : undefined;
  return { estimate: largest(declines), n: least, terms, note };
}

function judgeRise(report: AbilityReport | Missing, resampling: Resampling): Statement {
  if ("missing" in report) return judge(QUESTION, report);
  const statement = judge(QUESTION, measure(report, resampling));
  const left = Object.keys(report.not_run);
  if (left.length === 0 || statement.verdict !== "contradicted") return statement;
  // A decline may be in what was not measured.
  const reason = `${statement.reason} But ${left.join(" and ")} was not measured.`;
  return { ...statement, verdict: "not decided", reason };
}

/** Base, IN and RL. */
export const MONOTONICITY: Finding<AbilityReport> = {
  notebook: "01",
  table: "monotonicity.json",
  claim: 1,
  schema: abilityReportSchema,
  judge: (report, { resampling }) => [judgeRise(report, resampling)],
  summary: (report) => abilityTable("Base, IN and RL", report),
};
