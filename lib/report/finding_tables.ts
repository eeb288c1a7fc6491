/**
 * Each finding's numbers in short; all of them are in tables/.
 *
 * @module
 */
import {
  type AbilityReport,
  findingBasis,
  type FindingKey,
  type Findings,
  findingSummary,
} from "../findings/mod.ts";
import type { HtmlTable } from "./html_table.ts";

const number = (label: string) => ({ label, kind: "number" as const });

/** Why the gradings disagree; nothing where they do not. */
function disagreementTable(
  reports: readonly Pick<AbilityReport, "disagreements">[],
): HtmlTable | null {
  const rows = reports.flatMap(({ disagreements }) => disagreements);
  if (rows.length === 0) return null;
  return {
    caption: "Answers on which the gradings disagree, by the rules that decided",
    columns: [{ label: "original" }, { label: "sound" }, { label: "right by" }, number("answers")],
    rows: rows.map(({ original, sound, right, answers }) => [original, sound, right, answers]),
  };
}

/** The tables of one finding; none if it is missing. */
export function findingTables(key: FindingKey, findings: Findings): HtmlTable[] {
  const graded = [findings[key] ?? []].flat().flatMap((report) =>
    "disagreements" in report ? [report] : []
  );
  const data = findingBasis(key, findings).join("; ");
  return [findingSummary(key, findings), disagreementTable(graded)].flatMap((table) =>
    table ? [{ ...table, basis: `Data: ${data}.` }] : []
  );
}
