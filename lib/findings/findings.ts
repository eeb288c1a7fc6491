/**
 * All findings, and their reports, each of which may be missing.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { basisTexts, WEIGHTS_BASIS } from "../basis.ts";
import * as FOLDERS from "./all_findings.ts";
import { shiftProfiles, type Shifts } from "./depth_profiles.ts";
import type { Finding, Missing } from "./finding.ts";
import type { FindingTable } from "./finding_table.ts";
import type { Draft } from "./statement.ts";

/** One of the findings. */
export type FindingKey = keyof typeof FOLDERS;

/** A finding's report. */
export type ReportOf<K extends FindingKey> = typeof FOLDERS[K] extends Finding<infer R, never> ? R
  : never;
/** What a finding may be asked for. */
export type OptionsOf<K extends FindingKey> = Parameters<typeof FOLDERS[K]["find"]>[1];

/** Reports by finding; null or absent where one has not run. */
export type Findings = { [K in FindingKey]?: ReportOf<K> | null } & {
  /** Why those could not be run that the data do not allow. */
  notRun?: Partial<Record<FindingKey, string>>;
};

/** The findings' names, in the order of the notebooks. */
export const FINDING_KEYS: readonly FindingKey[] = (Object.keys(FOLDERS) as FindingKey[])
  .sort((a, b) => FOLDERS[a].notebook < FOLDERS[b].notebook ? -1 : 1);

/** The findings in the order of the notebooks. */
export const FINDINGS = Object.fromEntries(
  FINDING_KEYS.map((key) => [key, FOLDERS[key]]),
) as unknown as { readonly [K in FindingKey]: Finding<ReportOf<K>, OptionsOf<K>> };

/** The finding of a notebook, by its number or name; undefined if it has none. */
export function findingOf(notebook: string): FindingKey | undefined {
  return FINDING_KEYS.find((key) => notebook.startsWith(FINDINGS[key].notebook));
}

/** All numbers of a finding as frames, by the names of their files; none if it is missing. */
export function findingFrames(key: FindingKey, findings: Findings): Record<string, pl.DataFrame> {
  const report = findings[key];
  const { frames } = FINDINGS[key] as Finding<NonNullable<typeof report>>;
  return report ? frames(report) : {};
}

/** What a finding's result rests on, in words; nothing where it is missing. */
export function findingBasis(key: FindingKey, findings: Findings): string[] {
  const report = findings[key];
  if (!report) return [];
  const parts = Array.isArray(report) ? report : [report];
  return parts.flatMap((part) => "basis" in part ? basisTexts(part.basis) : [WEIGHTS_BASIS]);
}

/** The findings with the values of the other grading in place of their own. */
export function byOtherGradings(findings: Findings): Findings {
  const others = FINDING_KEYS.map((key) => {
    const { byOtherGrading } = FINDINGS[key] as Finding<unknown>;
    const report = findings[key];
    return [key, report && byOtherGrading ? byOtherGrading(report) : report];
  });
  return { ...findings, ...Object.fromEntries(others) };
}

/** Why a finding has no report. */
function missing(key: FindingKey, { notRun = {} }: Findings): Missing {
  const reason = notRun[key];
  if (reason !== undefined) return { missing: `${reason}.` };
  const { notebook, table, absent } = FINDINGS[key];
  const why = absent === undefined ? "" : `: ${absent}`;
  return { missing: `There is no result of notebook ${notebook} (tables/${table})${why}.` };
}

/** Holds a finding's part of its claim against its report. */
export function judgeFinding(key: FindingKey, findings: Findings): Draft[] {
  // The keys' types are tied to each other, which TypeScript cannot follow through a variable.
  const { notebook, table, judge } = FINDINGS[key] as Finding<unknown>;
  const report = findings[key];
  const isThere = Array.isArray(report) ? report.length > 0 : report;
  return judge(isThere ? report : missing(key, findings), {
    withoutSamples: {
      missing: `tables/${table} was written without its samples: run notebook ${notebook} again.`,
    },
  });
}

/** How clear a finding's profiles over depth are when they are shifted; null where it has none. */
export function findingShifts(key: FindingKey, findings: Findings): Shifts | null {
  const report = findings[key];
  const profiles = report ? (FINDINGS[key] as Finding<unknown>).shifted?.(report) : undefined;
  return profiles ? shiftProfiles(profiles) : null;
}

/** A finding's numbers in short; nothing where it is missing. */
export function findingSummary(key: FindingKey, findings: Findings): FindingTable | null {
  const report = findings[key];
  return report ? (FINDINGS[key] as Finding<unknown>).summary(report) : null;
}
