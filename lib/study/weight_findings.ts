/**
 * The two weight analyses over a recipe's models, kept on disk.
 *
 * @module
 */
import { z } from "zod";
import {
  type AnalysisOptions,
  anglesSchema,
  computeDiversity,
  computeEnergy,
  type DiversityOptions,
  type DiversityReport,
  diversityReportSchema,
  type EnergyReport,
  energyReportSchema,
  metricsSchema,
  type TripleFolders,
} from "../spectra/mod.ts";
import { fingerprintCheckpoint, type RunIdentity } from "../experiments/mod.ts";
import { showNotes } from "../experiments/mod.ts";
import { storedReport } from "./stored_report.ts";

/** Raised when a change of code changes results, so that stored ones are made anew. */
const ENERGY_VERSION = 2;
const DIVERSITY_VERSION = 2;

/** What the two functions below leave out of the analyses' own options, and add. */
type Stored<O> = Omit<O, "done" | "onParameter"> & {
  /** Where the report is kept. */
  path: string;
  /** Files that the caller writes with the report, as paths. */
  beside?: readonly string[];
  /** Replaces whatever stands there. */
  overwrite?: boolean;
};

async function identityOf(
  folders: TripleFolders,
  { experiment, version, options }: Pick<RunIdentity, "experiment" | "version" | "options">,
): Promise<RunIdentity> {
  const files = async (folder: string) => ({
    files: await fingerprintCheckpoint(folder, "weights"),
  });
  const models = {
    base: await files(folders.base),
    sft: await files(folders.sft),
    rl: await files(folders.rl),
  };
  return { experiment, version, models, options };
}

/**
 * Energy of the updates (`computeEnergy`), kept at `path`: reused for the same files and options,
 * resumed after an interruption.
 *
 * @throws {Error} if something else stands at `path` and `overwrite` is not set.
 */
export async function storedEnergy(
  folders: TripleFolders,
  { path, beside, overwrite, ...options }: Stored<AnalysisOptions<never>>,
): Promise<EnergyReport> {
  const report = await storedReport({
    path,
    beside,
    overwrite,
    identity: await identityOf(folders, {
      experiment: "energy",
      version: ENERGY_VERSION,
      options: { llm_only: options.llmOnly ?? false },
    }),
    schema: energyReportSchema,
    resultSchema: z.object({
      sft: z.number(),
      rl: z.number(),
      weight: z.number(),
      product: z.number(),
      rounding: z.number(),
      sft_unchanged: z.int(),
      rl_unchanged: z.int(),
    }),
    compute: (done, onParameter) => computeEnergy(folders, { ...options, done, onParameter }),
  });
  showNotes(report.notes);
  return report;
}

/**
 * Spectra of the updates (`computeDiversity`), kept at `path`: reused for the same files and
 * options, resumed after an interruption.
 *
 * @throws {Error} if something else stands at `path` and `overwrite` is not set.
 */
export async function storedDiversity(
  folders: TripleFolders,
  { path, beside, overwrite, ...options }: Stored<DiversityOptions>,
): Promise<DiversityReport> {
  const { llmOnly = false, topk = 50, weightFilter = null } = options;
  const report = await storedReport({
    path,
    beside,
    overwrite,
    identity: await identityOf(folders, {
      experiment: "diversity",
      version: DIVERSITY_VERSION,
      options: { llm_only: llmOnly, topk, weight_filter: weightFilter },
    }),
    schema: diversityReportSchema,
    resultSchema: z.object({ sft: metricsSchema, rl: metricsSchema, angles: anglesSchema }),
    compute: (done, onParameter) => computeDiversity(folders, { ...options, done, onParameter }),
  });
  showNotes(report.notes);
  return report;
}
