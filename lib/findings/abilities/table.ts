/**
 * The three abilities of a report's models, in short.
 *
 * @module
 */
import { ABILITIES, ABILITY_METRICS } from "../../abilities.ts";
import { GRADING_NAMES, otherGrading } from "../../benchmarks/grading/mod.ts";
import type { AbilityReport } from "../../evaluation/mod.ts";
import { type FindingTable, gradedText, number } from "../finding_table.ts";

/** Each model's abilities, with intervals and by the other grading. */
export function abilityTable(caption: string, report: AbilityReport): FindingTable {
  const { experiment_type: type, sample_size: size, sample_seed: seed } = report;
  return {
    caption: `${caption}: share of samples and 95 % interval (experiments ${type}, up to ${size} ` +
      `samples each, seed ${seed}), in brackets by ${GRADING_NAMES[otherGrading(report.grading)]}`,
    columns: [
      { label: "model" },
      ...ABILITIES.map((ability) => number(`${ability} (${ABILITY_METRICS[ability]})`)),
      number("timed out"),
      number("undecided"),
    ],
    rows: report.models.map(({ name, label }) => {
      const own = report.scores.filter(({ model }) => model === name);
      const total = (key: "timed_out" | "undecided") =>
        own.reduce((sum, score) => sum + score[key], 0);
      return [
        label,
        ...ABILITIES.map((ability) => {
          const score = own.find((known) => known.ability === ability);
          return score ? gradedText([score.value, score.low, score.high], score.other_value) : null;
        }),
        total("timed_out"),
        total("undecided"),
      ];
    }),
  };
}
