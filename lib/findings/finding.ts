/**
 * What a finding is: where it comes from, what the paper's claim makes of it, its numbers in short.
 *
 * @module
 */
import type pl from "nodejs-polars";
import type { z } from "zod";
import type { FindingOptions, FindingStudy } from "./finding_study.ts";
import type { FindingTable } from "./finding_table.ts";
import type { ShiftedProfile } from "./depth_profiles.ts";
import type { Draft } from "./statement.ts";
import type { Workload } from "./workload.ts";

/** Why there is nothing: the statements are then not run. */
export interface Missing {
  missing: string;
}

/** What a finding's statements are judged with. */
export interface JudgeContext {
  /** What to say of a report of an older suite, which has no samples. */
  withoutSamples: Missing;
}

/** One finding; `R` is its report, `O` what may be asked for. */
export interface Finding<R, O extends FindingOptions = FindingOptions> {
  /** Number of its notebook. */
  notebook: string;
  /** Folder of its records among the study's. */
  records: string;
  /** What it asks of a machine. */
  workload: Workload;
  /**
   * Makes its report from a study's models.
   *
   * @throws {NotRunError} if the data do not allow it.
   */
  find: (study: FindingStudy, options: O) => Promise<R>;
  /** Its file in tables/. */
  table: string;
  /** The claim it bears on. */
  claim: number;
  /** Layout of its file. */
  schema: z.ZodType<R>;
  /** Why its file may be missing, besides that it has not run. */
  absent?: string;
  /** Holds its part of the claim against its report. */
  judge: (report: R | Missing, context: JudgeContext) => Draft[];
  /** Of weights: the profiles that are shifted over depth to see how clear they are. */
  shifted?: (report: R) => ShiftedProfile[];
  /** Its numbers in short; all of them are in its file. */
  summary: (report: R) => FindingTable;
  /** Its report with the values of the other grading in place of its own, where answers are graded. */
  byOtherGrading?: (report: R) => R;
  /** Its numbers as frames, by the names of the files that they may be written to. */
  frames: (report: R) => Record<string, pl.DataFrame>;
}
