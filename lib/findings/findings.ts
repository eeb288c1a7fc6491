/**
 * What the ledger judges: the findings' reports, each of which may be missing.
 *
 * @module
 */
import { basisTexts, WEIGHTS_BASIS } from "../basis.ts";
import { type AbilityReport, byOtherGrading } from "../evaluation/mod.ts";
import {
  type AttentionReport,
  reasoningByOtherGrading,
  type ReasoningReport,
  type VisionReport,
} from "../probing/mod.ts";
import type { DiversityReport, EnergyReport } from "../spectra/mod.ts";

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

/** Where a finding comes from. */
export interface FindingSource {
  /** Number of its notebook. */
  notebook: string;
  /** Its file in tables/. */
  table: string;
  /** The claim it bears on. */
  claim: number;
}

/** The findings in the order of the notebooks. */
export const FINDINGS: Readonly<Record<FindingKey, FindingSource>> = {
  monotonicity: { notebook: "01", table: "monotonicity.json", claim: 1 },
  attention: { notebook: "02", table: "attention_shift.json", claim: 2 },
  vision: { notebook: "03", table: "vision_localization.json", claim: 3 },
  reasoning: { notebook: "04", table: "reasoning_localization.json", claim: 3 },
  energy: { notebook: "05", table: "energy.json", claim: 4 },
  diversity: { notebook: "06", table: "diversity.json", claim: 5 },
  transferability: { notebook: "07", table: "transferability.json", claim: 6 },
  necessity: { notebook: "08", table: "necessity.json", claim: 7 },
};

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

/** Why a statement is not run when its finding is missing. */
export function notRun(key: FindingKey, { notRun = {} }: Findings): { missing: string } {
  const reason = notRun[key];
  if (reason !== undefined) return { missing: `${reason}.` };
  const { notebook, table } = FINDINGS[key];
  const why = key === "necessity"
    ? ": it has not run, or the recipe has no checkpoints with a block frozen"
    : "";
  return { missing: `There is no result of notebook ${notebook} (tables/${table})${why}.` };
}

/** Why a statement is not run when its report is of an older suite. */
export function noOutcomes(key: FindingKey): { missing: string } {
  const { notebook, table } = FINDINGS[key];
  return {
    missing: `tables/${table} was written without its samples: run notebook ${notebook} again.`,
  };
}
