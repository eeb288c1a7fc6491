/**
 * Statements about differences between models: which is the smallest, and is it above 0.
 *
 * @module
 */
import type { Ability } from "../../abilities.ts";
import type { AbilityReport } from "./report.ts";
import {
  type Column,
  type Difference,
  meanDifference,
  meanRatio,
  shareDifference,
  smallestOf,
} from "../../statistics/mod.ts";
import { decimalText } from "../../number_format.ts";
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
  /** What must besides transfer at least half of the first pair's difference. */
  transfer?: string;
}

/** A model's value less the middle between those of two others: above 0, it has more than half. */
function overHalf(
  columns: Readonly<Record<string, Column>>,
  [model, to, from]: readonly [string, string, string],
): Difference {
  const middle = columns[from].map((value, i) => (value + columns[to][i]) / 2);
  return meanDifference(columns[model], middle);
}

/** How much of a difference is transferred, in words. */
function transferText(
  columns: Readonly<Record<string, Column>>,
  [model, to, from]: readonly [string, string, string],
): string {
  const over = (label: string) => columns[label].map((value, i) => value - columns[from][i]);
  const ratio = columns[from].length < 2 ? null : meanRatio(over(model), over(to));
  if (ratio === null) {
    return `${to}'s gain over ${from} cannot be told from 0, so no share of it can`;
  }
  const percent = (share: number) => `${decimalText(100 * share, 0)} %`;
  return `${model} has ${percent(ratio.value)} of ${to}'s gain over ${from} ` +
    `(${percent(ratio.low)} to ${percent(ratio.high)})`;
}

function measure(
  report: AbilityReport,
  { ability, pairs, also = [], transfer }: Comparison,
): Measured {
  const shown = [...pairs, ...also];
  const asked = transfer === undefined ? shown.flat() : [...shown.flat(), transfer];
  const found = abilityColumns(report, ability, [...new Set(asked)]);
  if ("missing" in found) return found;
  const { columns, n } = found;
  const difference = ([a, b]: readonly [string, string]) => shareDifference(columns[a], columns[b]);
  const half = transfer === undefined ? null : [transfer, ...pairs[0]] as const;
  return {
    ...smallestOf([
      ...pairs.map(difference),
      ...half === null ? [] : [overHalf(columns, half)],
    ]),
    ...half === null ? {} : { note: transferText(columns, half) },
    n,
    terms: shown.map((pair) => term(pair.join(" less "), difference(pair).contrast)),
  };
}

/** Holds a comparison against a report. */
export function judgeComparison(
  report: AbilityReport | Missing,
  comparison: Comparison,
): Draft {
  return judge(
    comparison.question,
    "missing" in report ? report : measure(report, comparison),
  );
}
