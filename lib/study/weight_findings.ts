/**
 * The two weight analyses over a recipe's models, kept on disk.
 *
 * @module
 */
import { z } from "zod";
import {
  type AnalysisOptions,
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
import { fingerprintCheckpoint, hashJson } from "./fingerprint.ts";
import { showNotes } from "./show_notes.ts";
import { storedReport } from "./stored_report.ts";

/** Raised when a change of code changes results, so that stored ones are made anew. */
const ENERGY_VERSION = 1;
const DIVERSITY_VERSION = 1;

/** What the two functions below leave out of the analyses' own options. */
type Stored<O> = Omit<O, "done" | "onParameter"> & {
  /** Where the report is kept. */
  path: string;
};

async function keyOf(folders: TripleFolders, rest: unknown): Promise<string> {
  const weights = await Promise.all(
    [folders.base, folders.sft, folders.rl].map(fingerprintCheckpoint),
  );
  return hashJson([weights, rest]);
}

/**
 * Energy of the updates (`computeEnergy`), kept at `path`: reused for the same weights and options,
 * resumed after an interruption.
 */
export async function storedEnergy(
  folders: TripleFolders,
  { path, ...options }: Stored<AnalysisOptions<never>>,
): Promise<EnergyReport> {
  const report = await storedReport({
    path,
    key: await keyOf(folders, ["energy", ENERGY_VERSION, options.llmOnly ?? false]),
    schema: energyReportSchema,
    resultSchema: z.object({ sft: z.number(), rl: z.number(), weight: z.number() }),
    compute: (done, onParameter) => computeEnergy(folders, { ...options, done, onParameter }),
  });
  showNotes(report.notes);
  return report;
}

/**
 * Spectra of the updates (`computeDiversity`), kept at `path`: reused for the same weights and
 * options, resumed after an interruption.
 */
export async function storedDiversity(
  folders: TripleFolders,
  { path, ...options }: Stored<DiversityOptions>,
): Promise<DiversityReport> {
  const { llmOnly = false, topk = 50, weightFilter = null } = options;
  const report = await storedReport({
    path,
    key: await keyOf(folders, ["diversity", DIVERSITY_VERSION, llmOnly, topk, weightFilter]),
    schema: diversityReportSchema,
    resultSchema: z.object({ sft: metricsSchema, rl: metricsSchema }),
    compute: (done, onParameter) => computeDiversity(folders, { ...options, done, onParameter }),
  });
  showNotes(report.notes);
  return report;
}
