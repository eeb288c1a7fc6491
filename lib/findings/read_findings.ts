/**
 * The findings of a study's folder.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { readReport } from "../read_report.ts";
import { FINDING_KEYS, type FindingKey, FINDINGS, type Findings } from "./findings.ts";

/** The table of a finding that the data do not allow. */
const notRunSchema = z.strictObject({ not_run: z.string() });

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw new Error(`Cannot read the report ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Options of {@linkcode readFindings}. */
export interface ReadFindingsOptions {
  /** Findings to read; default all that are there. */
  only?: readonly FindingKey[];
}

/**
 * Reads the findings that a study's folder has, from its tables/.
 *
 * @param folder The study's folder, e.g. results/tiny.
 * @returns A missing table's finding is null; `notRun` says why one could not be run.
 * @throws {Error} if a table is there but broken; names the file and the field.
 *
 * @example
 * ```ts
 * const findings = await readFindings("results/none");
 * console.log(findings.energy); // null
 * ```
 */
export async function readFindings(
  folder: string,
  { only }: ReadFindingsOptions = {},
): Promise<Findings> {
  const findings: Record<string, unknown> = {};
  const notRun: Findings["notRun"] = {};
  for (const key of FINDING_KEYS) {
    findings[key] = null;
    if (only && !only.includes(key)) continue;
    const path = join(folder, "tables", FINDINGS[key].table);
    if (await exists(path)) {
      const { success, data } = notRunSchema.safeParse(await readReport(path, z.unknown()));
      if (success) notRun[key] = data.not_run;
      else findings[key] = await readReport(path, FINDINGS[key].schema as z.ZodType<unknown>);
    }
  }
  return { ...findings, notRun } as Findings;
}
