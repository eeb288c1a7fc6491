/**
 * Claim 6: which blocks carry RL's gain when they are put into IN.
 *
 * @module
 */
import { type AbilityReport, abilityReportSchema } from "../../evaluation/mod.ts";
import { type Comparison, judgeComparison } from "../abilities/comparisons.ts";
import { abilityTable } from "../abilities/table.ts";
import { abilityFrames } from "../abilities/frames.ts";
import type { Finding } from "../finding.ts";

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

/** IN, RL and the splices. */
export const TRANSFERABILITY: Finding<AbilityReport> = {
  notebook: "07",
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
