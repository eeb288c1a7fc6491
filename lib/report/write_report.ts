/**
 * The ledger and the report page of a study's folder.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../atomic_write.ts";
import type { Ledger } from "../findings/mod.ts";
import { readRunRecord, type RunRecord } from "./run_record.ts";
import { reportHtml } from "./page.ts";
import { gatherReport } from "./report_content.ts";

/** Paths, relative to a study's folder, of what {@linkcode writeReport} writes. */
export const REPORT_FILES = { ledger: "tables/claims.json", page: "report.html" } as const;

/**
 * Judges the claims and writes tables/claims.json and report.html, from run.json, tables/, figures/
 * and notebooks/ of a study's folder.
 *
 * @param folder The study's folder, e.g. results/tiny.
 * @param run What made the results; default run.json.
 * @returns The ledger.
 * @throws {Error} if a file is broken; names it. The report before is then still there.
 */
export async function writeReport(folder: string, run?: RunRecord): Promise<Ledger> {
  const content = await gatherReport(folder, run ?? await readRunRecord(folder));
  await writeAtomically(
    join(folder, REPORT_FILES.ledger),
    JSON.stringify(content.ledger, null, 2) + "\n",
  );
  await writeAtomically(join(folder, REPORT_FILES.page), reportHtml(content));
  return content.ledger;
}
