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
import { TABLE_FORMATS, type TableFormat, writeTables } from "./table_files.ts";

/** Paths, relative to a study's folder, of what {@linkcode writeReport} writes. */
export const REPORT_FILES = { ledger: "tables/claims.json", page: "report.html" } as const;

/**
 * Judges the claims and writes tables/claims.json, tables in further formats and report.html, from run.json, tables/, figures/
 * and notebooks/ of a study's folder.
 *
 * @param folder The study's folder, e.g. results/tiny.
 * @param run What made the results; default run.json.
 * @param formats Formats of tables besides JSON; default all.
 * @returns The ledger.
 * @throws {Error} if a file is broken; names it. The report before is then still there.
 */
export async function writeReport(
  folder: string,
  run?: RunRecord,
  { formats = TABLE_FORMATS }: { formats?: readonly TableFormat[] } = {},
): Promise<Ledger> {
  const gathered = await gatherReport(folder, run ?? await readRunRecord(folder));
  const content = { ...gathered, tables: await writeTables(folder, gathered, formats) };
  await writeAtomically(
    join(folder, REPORT_FILES.ledger),
    JSON.stringify(content.ledger, null, 2) + "\n",
  );
  await writeAtomically(join(folder, REPORT_FILES.page), reportHtml(content));
  return content.ledger;
}
