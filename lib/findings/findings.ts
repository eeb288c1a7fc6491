/**
 * All findings, and their reports, each of which may be missing.
 *
 * @module
 */
import type pl from "nodejs-polars";
import { basisTexts, WEIGHTS_BASIS } from "../basis.ts";
import { type AbilityReport, byOtherGrading } from "./abilities/report.ts";
import type { DiversityReport, EnergyReport } from "../spectra/mod.ts";
import { MONOTONICITY } from "./abilities/finding.ts";
import { ATTENTION } from "./attention/finding.ts";
import type { AttentionReport } from "./attention/report.ts";
import type { Shifts } from "./depth_profiles.ts";
import { DIVERSITY } from "./diversity/finding.ts";
import { ENERGY } from "./energy/finding.ts";
import type { Finding, Missing } from "./finding.ts";
import type { FindingTable } from "./finding_table.ts";
import { NECESSITY } from "./necessity/finding.ts";
import { REASONING } from "./reasoning/finding.ts";
import { reasoningByOtherGrading, type ReasoningReport } from "./reasoning/report.ts";
import { TRANSFERABILITY } from "./splices/finding.ts";
import type { Draft } from "./statement.ts";
import { VISION } from "./vision/finding.ts";
import type { VisionReport } from "./vision/report.ts";

/** Reports by finding; null or absent where one has not run. */
export interface Findings {
  energy?: EnergyReport | null;
  diversity?: DiversityReport | null;
  vision?: VisionReport | null;
  /** One a dataset. */
  reasoning?: ReasoningReport[] | null;
  attention?: AttentionReport | null;
  /** Base, IN and RL. */
  monotonicity?: AbilityReport | null;
  /** IN, RL and the splices. */
  transferability?: AbilityReport | null;
  /** IN, RL, and RL with each block frozen. */
  necessity?: AbilityReport | null;
  /** Why those could not be run that the data do not allow. */
  notRun?: Partial<Record<FindingKey, string>>;
}

/** One of the findings. */
export type FindingKey = Exclude<keyof Findings, "notRun">;

/** The findings in the order of the notebooks. */
export const FINDINGS: { readonly [K in FindingKey]: Finding<NonNullable<Findings[K]>> } = {
  monotonicity: MONOTONICITY,
  attention: ATTENTION,
  vision: VISION,
  reasoning: REASONING,
  energy: ENERGY,
  diversity: DIVERSITY,
  transferability: TRANSFERABILITY,
  necessity: NECESSITY,
};

/** The findings' names, in the order of the notebooks. */
export const FINDING_KEYS = Object.keys(FINDINGS) as FindingKey[];

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
  const abilities = (["monotonicity", "transferability", "necessity"] as const).map((key) => {
    const report = findings[key];
    return [key, report && byOtherGrading(report)];
  });
  const reasoning = findings.reasoning?.map(reasoningByOtherGrading);
  return { ...findings, ...Object.fromEntries(abilities), reasoning };
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
  return report ? (FINDINGS[key] as Finding<unknown>).shifts?.(report) ?? null : null;
}

/** A finding's numbers in short; nothing where it is missing. */
export function findingSummary(key: FindingKey, findings: Findings): FindingTable | null {
  const report = findings[key];
  return report ? (FINDINGS[key] as Finding<unknown>).summary(report) : null;
}
