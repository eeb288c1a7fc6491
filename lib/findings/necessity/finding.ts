/**
 * Claim 7: which blocks RL's gain needs.
 *
 * @module
 */
import { type AbilityReport, abilityReportSchema, byOtherGrading } from "../abilities/report.ts";
import { type Comparison, judgeComparison } from "../abilities/comparisons.ts";
import { abilityTable } from "../abilities/table.ts";
import { abilityFrames } from "../abilities/frames.ts";
import type { Finding } from "../finding.ts";
import type { AbilityFindingOptions } from "../finding_study.ts";
import { ABILITY_TOKENS } from "../workload.ts";

const FREEZING = { claim: 7, of: "problems" } as const;

const COMPARISONS: readonly Comparison[] = [
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

/** IN, RL, and RL with each block frozen. */
export const NECESSITY: Finding<AbilityReport, AbilityFindingOptions> = {
  notebook: "08",
  records: "transferability",
  workload: {
    models: 1,
    variants: true,
    seconds: ({ variants, sampleSize: n = 100 }, speed) =>
      variants * n * ABILITY_TOKENS / speed.tokens,
  },
  find: (study, options) => study.askAbilities([["sft", "rl"], study.variants], options),
  byOtherGrading,
  table: "necessity.json",
  claim: 7,
  schema: abilityReportSchema,
  absent: "it has not run, or the recipe has no checkpoints with a block frozen",
  judge: (report) => COMPARISONS.map((comparison) => judgeComparison(report, comparison)),
  summary: (report) => abilityTable("RL with a block frozen", report),
  frames: (report) => abilityFrames("necessity", report),
};
