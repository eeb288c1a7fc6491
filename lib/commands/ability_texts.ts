/**
 * Merge plans and abilities as text for a terminal.
 *
 * @module
 */
import { basisText } from "../basis.ts";
import { disagreementTexts } from "../benchmarks/grading/mod.ts";
import { type AbilityReport, abilityTable } from "../findings/mod.ts";
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
export function describeAbilities(report: AbilityReport): string {
  const { models, disagreements, basis, not_run } = report;
  const { caption, columns: [, ...columns], rows } = abilityTable("Abilities", report);
  return [
    formatTable(rows.map(([model, ...cells], i) => ({
      model,
      "asked as": models[i].kind,
      ...Object.fromEntries(columns.map(({ label }, c) => [label, cells[c]])),
    }))),
    "",
    caption,
    ...Object.entries(basis).map(([ability, own]) => `${ability}: ${basisText(own)}`),
    ...Object.entries(not_run).map(([ability, reason]) => `${ability}: not run. ${reason}`),
    ...disagreementTexts(disagreements),
  ].join("\n");
}
