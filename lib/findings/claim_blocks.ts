/**
 * Claims 6 and 7: which blocks carry RL's gain when they are put into IN, and which it needs.
 *
 * @module
 */
import type { Ability, AbilityReport } from "../evaluation/mod.ts";
import { abilityColumns } from "./ability_samples.ts";
import { type Column, less, meanContrast, type Resampling, smallest } from "../statistics/mod.ts";
import { type Findings, notRun } from "./findings.ts";
import { judge, type Measured, type Question, type Statement } from "./statement.ts";
import { term } from "./third_contrasts.ts";

/** Differences whose smallest must be above 0, and the models they are between. */
interface Comparison {
  question: Question;
  ability: Ability;
  /** [a, b]: a less b. */
  pairs: readonly (readonly [string, string])[];
  /** Further differences that are shown beside them. */
  also?: readonly (readonly [string, string])[];
}

/** The abilities that the paper's RL gains in. */
const GAINED = ["alignment", "reasoning"] as const;

function transferComparisons(ability: typeof GAINED[number]): Comparison[] {
  const common = { claim: 6, of: "samples" } as const;
  return [
    {
      question: {
        ...common,
        id: `6.${ability}.mid_late`,
        text: `RL's middle and late blocks in IN (IN:RL:RL) bring its gain in ${ability}`,
        direction: "RL above IN, and IN:RL:RL above IN",
        statistic: { name: "the smaller gain over IN of RL and IN:RL:RL", unit: "share" },
      },
      ability,
      pairs: [["RL", "IN"], ["IN:RL:RL", "IN"]],
      also: [["RL:IN:IN", "IN"]],
    },
    {
      question: {
        ...common,
        id: `6.${ability}.early`,
        text: `RL's early block in IN (RL:IN:IN) brings less in ${ability}`,
        direction: "IN:RL:RL above RL:IN:IN",
        statistic: { name: "IN:RL:RL less RL:IN:IN", unit: "share" },
      },
      ability,
      pairs: [["IN:RL:RL", "RL:IN:IN"]],
      also: [["RL:IN:IN", "IN"]],
    },
  ];
}

const FREEZING = { claim: 7, of: "problems" } as const;

const NECESSITY: readonly Comparison[] = [
  {
    question: {
      ...FREEZING,
      id: "7.late",
      text: "RL with the late block frozen loses reasoning that RL gained",
      direction: "RL above IN, and RL above frozen late",
      statistic: { name: "the smaller lead of RL, over IN and over frozen late", unit: "share" },
    },
    ability: "reasoning",
    pairs: [["RL", "IN"], ["RL", "frozen late"]],
    also: [["frozen late", "IN"]],
  },
  ...(["early", "mid"] as const).map((block): Comparison => ({
    question: {
      ...FREEZING,
      id: `7.${block}`,
      text: `Freezing the late block costs more reasoning than freezing the ${block} block`,
      direction: `frozen ${block} above frozen late`,
      statistic: { name: `frozen ${block} less frozen late`, unit: "share" },
    },
    ability: "reasoning",
    pairs: [[`frozen ${block}`, "frozen late"]],
    also: [["RL", `frozen ${block}`], ["RL", "frozen late"]],
  })),
];

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

/** The statements of claim 6. */
export function judgeTransfer(findings: Findings, resampling: Resampling): Statement[] {
  const { transferability } = findings;
  return GAINED.flatMap(transferComparisons).map((comparison) =>
    judge(
      comparison.question,
      transferability
        ? measure(transferability, comparison, resampling)
        : notRun("transferability", findings),
    )
  );
}

/** The statements of claim 7. */
export function judgeNecessity(findings: Findings, resampling: Resampling): Statement[] {
  const { necessity } = findings;
  return NECESSITY.map((comparison) =>
    judge(
      comparison.question,
      necessity ? measure(necessity, comparison, resampling) : notRun("necessity", findings),
    )
  );
}
