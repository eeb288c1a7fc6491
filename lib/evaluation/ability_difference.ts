/**
 * Differences between models on the same samples.
 *
 * @module
 */
import type { Ability } from "../abilities.ts";
import { listText } from "../list_text.ts";
import type { AbilityOutcome, AbilityReport } from "./ability_report.ts";
import { differenceEstimate, type Estimate } from "../statistics/mod.ts";

function outcomeOf(report: AbilityReport, label: string, ability: Ability): AbilityOutcome {
  const model = report.models.find((known) => known.label === label || known.name === label);
  const outcome = report.outcomes.find((known) =>
    known.model === model?.name && known.ability === ability
  );
  if (outcome) return outcome;
  throw new Error(
    `Cannot compare ${JSON.stringify(label)} on ${ability}: the report has ${
      listText(report.models.map((known) => known.label)) || "no models"
    }`,
  );
}

/**
 * An ability of model `a` less that of model `b` over the samples that both were asked, with a
 * paired score interval.
 *
 * @param a Label or name of a model in the report.
 * @param b Label or name of another.
 * @throws {Error} if the report lacks one of them.
 */
export function abilityDifference(
  report: AbilityReport,
  [a, b]: readonly [string, string],
  { ability }: { ability: Ability },
): Estimate {
  const minuend = outcomeOf(report, a, ability);
  const subtrahend = outcomeOf(report, b, ability);
  const others = new Map(subtrahend.ids.map((id, i) => [id, subtrahend.counted[i]]));
  const differences = minuend.ids.flatMap((id, i) =>
    others.has(id) ? [Number(minuend.counted[i]) - Number(others.get(id))] : []
  );
  return differenceEstimate(differences);
}
