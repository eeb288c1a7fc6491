/**
 * Which samples several models got, side by side.
 *
 * @module
 */
import type { Ability } from "../../abilities.ts";
import type { AbilityReport } from "./report.ts";
import { listText } from "../../list_text.ts";
import type { Column } from "../../statistics/mod.ts";

/** Models by label, each 1 or 0 for the samples that all of them were asked. */
export interface AbilityColumns {
  columns: Readonly<Record<string, Column>>;
  n: number;
}

/**
 * Aligns models of a report on one ability's samples.
 *
 * @param labels Labels or names of models.
 * @returns The columns, or which model the report lacks.
 */
export function abilityColumns(
  report: AbilityReport,
  ability: Ability,
  labels: readonly string[],
): AbilityColumns | { missing: string } {
  if (ability in report.not_run) return { missing: `${report.not_run[ability]}.` };
  const found = new Map<string, Map<string, boolean>>();
  const absent: string[] = [];
  for (const label of labels) {
    const model = report.models.find((known) => known.label === label || known.name === label);
    const outcome = report.outcomes.find((known) =>
      known.model === model?.name && known.ability === ability
    );
    if (!outcome) absent.push(label);
    else found.set(label, new Map(outcome.ids.map((id, i) => [id, outcome.counted[i]])));
  }
  if (absent.length > 0) {
    const known = listText(report.models.map(({ label }) => label)) || "no models";
    return { missing: `The report has no ${ability} of ${absent.join(", ")}, only of ${known}.` };
  }
  const all = [...found.values()];
  const shared = [...all[0].keys()].filter((id) => all.every((counted) => counted.has(id)));
  if (shared.length === 0) {
    return { missing: `${labels.join(", ")} were asked no ${ability} sample in common.` };
  }
  const columns = Object.fromEntries(
    [...found].map(([label, counted]) => [label, shared.map((id) => Number(counted.get(id)))]),
  );
  return { columns, n: shared.length };
}
