/**
 * Claim 6: which blocks carry RL's gain when they are put into IN.
 *
 * @module
 */
import { type AbilityReport, abilityReportSchema, byOtherGrading } from "../abilities/report.ts";
import { type Comparison, judgeComparison } from "../abilities/comparisons.ts";
import { abilityTable } from "../abilities/table.ts";
import { abilityFrames } from "../abilities/frames.ts";
import { PAPER_SPLICES, REST_SPLICES } from "../../merging/mod.ts";
import type { Finding } from "../finding.ts";
import type { AbilityFindingOptions } from "../finding_study.ts";
import { ABILITY_TOKENS } from "../workload.ts";

/**
 * RL's early block with all else IN's. RL:IN:IN as the original writes it has RL's vision tower,
 * embeddings, last norm and head besides.
 */
const EARLY = "RL:IN:IN, rest IN";

/** RL's rest with all of IN's layers. */
const REST = "IN:IN:IN, rest RL";

/** The abilities that the paper's RL gains in. */
const GAINED = ["alignment", "reasoning"] as const;

function transferComparisons(ability: typeof GAINED[number]): Comparison[] {
  const common = { claim: 6, of: "samples" } as const;
  return [
    {
      question: {
        ...common,
        id: `6.${ability}.mid_late`,
        text:
          `RL's middle and late blocks in IN (IN:RL:RL) transfer its gain in ${ability}, half of ` +
          "it or more",
        direction: "RL above IN, and IN:RL:RL above the middle between them",
        statistic: {
          name: "the smaller of RL's gain over IN and IN:RL:RL's lead over half of it",
          unit: "share",
        },
      },
      ability,
      pairs: [["RL", "IN"]],
      also: [["IN:RL:RL", "IN"]],
      transfer: "IN:RL:RL",
    },
    {
      question: {
        ...common,
        id: `6.${ability}.early`,
        text: `RL's early block alone in IN (${EARLY}) brings less in ${ability}`,
        direction: `IN:RL:RL above ${EARLY}`,
        statistic: { name: `IN:RL:RL less ${EARLY}`, unit: "share" },
      },
      ability,
      pairs: [["IN:RL:RL", EARLY]],
      also: [[EARLY, "IN"]],
    },
    {
      question: {
        ...common,
        id: `6.${ability}.rest`,
        text: `What RL has besides its layers, alone in IN (${REST}), brings less in ${ability}`,
        direction: `IN:RL:RL above ${REST}`,
        statistic: { name: `IN:RL:RL less ${REST}`, unit: "share" },
      },
      ability,
      pairs: [["IN:RL:RL", REST]],
      // The same rest, put into IN, and taken out of RL's models.
      also: [[REST, "IN"], ["RL:IN:IN", EARLY], ["IN:RL:RL, rest RL", "IN:RL:RL"]],
    },
  ];
}

/** The paper's splices of IN and RL, and those whose rest is the other's. */
const SPLICES = [PAPER_SPLICES, REST_SPLICES].map((splices) =>
  splices.map(({ expression }) => expression)
);

/** IN, RL and the splices. */
export const TRANSFERABILITY: Finding<AbilityReport, AbilityFindingOptions> = {
  notebook: "07",
  records: "transferability",
  workload: {
    models: 2,
    seconds: ({ sampleSize: n = 100 }, speed) =>
      SPLICES.flat().length * n * ABILITY_TOKENS / speed.tokens,
  },
  find: (study, options) => study.askAbilities([["sft", "rl"], ...SPLICES], options),
  byOtherGrading,
  table: "transferability.json",
  claim: 6,
  schema: abilityReportSchema,
  judge: (report) =>
    GAINED.flatMap(transferComparisons)
      .map((comparison) => judgeComparison(report, comparison)),
  summary: (report) =>
    abilityTable("IN, RL and models of their blocks (early:middle:late)", report),
  frames: (report) => abilityFrames("transferability", report),
};
