/**
 * Statements about differences between models: which is the smallest, and is it above 0.
 *
 * @module
 */
import type { Ability } from "../../abilities.ts";
import type { AbilityReport } from "../../evaluation/mod.ts";
import { shareDifference, smallestOf } from "../../statistics/mod.ts";
import type { Missing } from "../finding.ts";
import { type Draft, judge, type Measured, type Question } from "../statement.ts";
import { term } from "../third_contrasts.ts";
import { abilityColumns } from "./samples.ts";

/** Differences whose smallest must be above 0, and the models they are between. */
export interface Comparison {
  question: Question;
  ability: Ability;
  /** [a, b]: a less b. */
  pairs: readonly (readonly [string, string])[];
  /** Further differences that are shown beside them. */
  also?: readonly (readonly [string, string])[];
}

function measure(
  report: AbilityReport,
  { ability, pairs, also = [] }: Comparison,
): Measured {
  const shown = [...pairs, ...also];
  const found = abilityColumns(report, ability, [...new Set(shown.flat())]);
  if ("missing" in found) return found;
  const { columns, n } = found;
  const difference = ([a, b]: readonly [string, string]) => shareDifference(columns[a], columns[b]);
  return {
    ...smallestOf(pairs.map(difference)),
    n,
    terms: shown.map((pair) => term(pair.join(" less "), difference(pair).contrast)),
  };
}

/** Holds a comparison against a report. */
export function judgeComparison(report: AbilityReport | Missing, comparison: Comparison): Draft {
  return judge(comparison.question, "missing" in report ? report : measure(report, comparison));
}
