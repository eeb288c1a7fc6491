/**
 * Reads one ability out of a report: values, paired differences, and both in words.
 *
 * @module
 */
import { abilityDifference } from "../evaluation/ability_difference.ts";
import { type Ability, ABILITY_METRICS, type AbilityReport } from "../evaluation/ability_report.ts";

/** A difference in percentage points. */
export interface Points {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** "+8.0", "−3.0", "0.0" */
export const points = (value: number) => {
  const text = value.toFixed(1).replace(/^-(0\.0)$/, "$1");
  return value > 0 && text !== "0.0" ? `+${text}` : text.replace("-", "−");
};
const interval = ({ low, high }: Points) => `${points(low)} to ${points(high)}`;
/** "+8.0 (+1.0 to +15.0)" */
export const inPoints = (difference: Points) =>
  `${points(difference.value)} (${interval(difference)})`;
/** What a report says of one ability. */
export class AbilityReader {
  constructor(readonly report: AbilityReport, readonly ability: Ability) {}

  /** The measure in percent; undefined where there is none. */
  value(label: string): number | undefined {
    const value = this.#score(label)?.value ?? null;
    return value === null ? undefined : 100 * value;
  }

  /** "**reasoning** (M_rea, n = 100)" */
  heading(label: string): string {
    const size = this.#score(label)?.n;
    const metric = ABILITY_METRICS[this.ability];
    return `**${this.ability}** (${metric}${size === undefined ? "" : `, n = ${size}`})`;
  }

  /** The measure of `a` less that of `b` over their common samples; undefined where one lacks. */
  less(a: string, b: string): Points | undefined {
    if (![a, b].every((label) => this.#hasSamples(label))) return undefined;
    const { seed, rounds, confidence } = this.report.bootstrap;
    const options = { ability: this.ability, seed, rounds, confidence };
    const { mean, low, high } = abilityDifference(this.report, [a, b], options);
    if (mean === null || low === null || high === null) return undefined;
    return { value: 100 * mean, low: 100 * low, high: 100 * high };
  }

  #model(label: string) {
    return this.report.models.find((model) => model.label === label)?.name;
  }

  #score(label: string) {
    const model = this.#model(label);
    return this.report.scores.find((score) =>
      score.model === model && score.ability === this.ability
    );
  }

  #hasSamples(label: string): boolean {
    const model = this.#model(label);
    return this.report.outcomes.some((outcome) =>
      outcome.model === model && outcome.ability === this.ability
    );
  }
}
