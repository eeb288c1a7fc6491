/**
 * The three abilities of a report's models, in short.
 *
 * @module
 */
import { ABILITIES, type Ability, ABILITY_METRICS } from "../../abilities.ts";
import { GRADING_NAMES, otherGrading } from "../../benchmarks/grading/mod.ts";
import type { AbilityReport } from "./report.ts";
import { type FindingTable, gradedText, number } from "../finding_table.ts";
import { publishedValue } from "./published.ts";

/** Each model's abilities, with intervals and by the other grading. */
export function abilityTable(caption: string, report: AbilityReport): FindingTable {
  const published = (ability: Ability, model: string) =>
    publishedValue(report, { model, ability })?.value;
  const stated = ABILITIES.filter((ability) =>
    report.models.some(({ name }) => published(ability, name) !== undefined)
  );
  const { experiment_type: type, sample_size: size, sample_seed: seed } = report;
  return {
    caption: `${caption}: share of samples and 95 % interval (experiments ${type}, up to ${size} ` +
      `samples each, seed ${seed}), in brackets by ${GRADING_NAMES[otherGrading(report.grading)]}`,
    columns: [
      { label: "model" },
      ...ABILITIES.map((ability) => number(`${ability} (${ABILITY_METRICS[ability]})`)),
      ...stated.map((ability) => number(`${ABILITY_METRICS[ability]} as published, %`)),
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
        ...stated.map((ability) => published(ability, name) ?? null),
        total("timed_out"),
        total("undecided"),
      ];
    }),
  };
}
