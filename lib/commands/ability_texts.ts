/**
 * Merge plans and abilities as text for a terminal.
 *
 * @module
 */
import { ABILITIES, ABILITY_METRICS } from "../abilities.ts";
import { basisText } from "../basis.ts";
import { disagreementTexts, GRADING_NAMES, otherGrading } from "../benchmarks/grading/mod.ts";
import type { AbilityReport } from "../findings/mod.ts";
import { formatTable } from "../figures/mod.ts";
import { drawMergePlan, type MergePlan, mergePlanSummary } from "../merging/mod.ts";

/** Columns whose numbers are the user's own and are not rounded. */
const EXACT: ReadonlySet<string> = new Set(["alpha", "noise"]);
const exact = (value: unknown) => value === null ? "–" : String(value);

/** A plan as its expression, a table of its layers and a picture. */
export function describePlan(plan: MergePlan): string {
  const summary = mergePlanSummary(plan);
  const rows = summary.toRecords();
  const columns = summary.columns.filter((key) => rows.some((row) => row[key] !== null))
    .map((key) => ({ key, ...(EXACT.has(key) && { format: exact }) }));
  return [plan.expression, formatTable(rows, columns), drawMergePlan(plan)].join("\n\n");
}

/** Abilities as a table, a line a model. */
export function describeAbilities(
  { models, scores, grading, disagreements, basis, not_run }: AbilityReport,
): string {
  const rows = models.map(({ name, label, kind }) => {
    const own = scores.filter(({ model }) => model === name);
    const measures = ABILITIES.map((ability) => {
      const score = own.find((score) => score.ability === ability);
      const { value, low, high, other_value } = score ??
        { value: null, low: null, high: null, other_value: null };
      const shown = (share: number) => share.toFixed(3);
      const text = value === null
        ? "–"
        : `${shown(value)} [${shown(low ?? value)}, ${shown(high ?? value)}] ` +
          shown(other_value ?? value);
      return [ABILITY_METRICS[ability], text];
    });
    const sum = (field: "timed_out" | "undecided") =>
      own.reduce((total, score) => total + score[field], 0);
    return {
      model: label,
      asked: kind,
      ...Object.fromEntries(measures),
      cut: sum("timed_out"),
      undecided: sum("undecided"),
    };
  });
  const columns = [
    { key: "model", label: "model" },
    { key: "asked", label: "asked as" },
    ...ABILITIES.map((ability) => ({ key: ABILITY_METRICS[ability] })),
    { key: "cut", label: "cut off" },
    { key: "undecided", label: "undecided" },
  ];
  return [
    formatTable(rows, columns),
    "",
    ...Object.entries(basis).map(([ability, own]) => `${ability}: ${basisText(own)}`),
    ...Object.entries(not_run).map(([ability, reason]) => `${ability}: not run. ${reason}`),
    ...disagreementTexts(disagreements),
    `In brackets 95 % intervals, behind them the values by ${GRADING_NAMES[otherGrading(grading)]}`,
  ].join("\n");
}
