/**
 * Statements about differences between models: which is the smallest, and is it above 0.
 *
 * @module
 */
import type { Ability } from "../../abilities.ts";
import type { AbilityReport } from "../../evaluation/mod.ts";
import {
  type Column,
  less,
  meanContrast,
  type Resampling,
  smallest,
} from "../../statistics/mod.ts";
import type { Missing } from "../finding.ts";
import { judge, type Measured, type Question, type Statement } from "../statement.ts";
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
  resampling: Resampling,
): Measured {
  const shown = [...pairs, ...also];
  const found = abilityColumns(report, ability, [...new Set(shown.flat())]);
  if ("missing" in found) return found;
  const { columns, n } = found;
  const difference = ([a, b]: readonly [string, string]): Column => less(columns[a], columns[b]);
  const contrast = (pair: readonly [string, string]) => meanContrast(difference(pair), resampling);
  return {
    estimate: smallest(pairs.map(contrast)),
    n,
    terms: shown.map((pair) => term(pair.join(" less "), contrast(pair))),
  };
}

/** Holds a comparison against a report. */
export function judgeComparison(
  report: AbilityReport | Missing,
  comparison: Comparison,
  resampling: Resampling,
): Statement {
  return judge(
    comparison.question,
    "missing" in report ? report : measure(report, comparison, resampling),
  );
}
