/**
 * Whether the files that a run replaces in a study's folder are the suite's own.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { oneLine } from "../plain_text.ts";
import { readReport } from "../read_report.ts";
import { FINDING_KEYS, FINDINGS, readFindings } from "../findings/mod.ts";
import { PAGE_TITLE, previousRun, REPORT_FILES } from "../report/mod.ts";

/** Says that a file is not the suite's own to replace. */
export function foreignFile(path: string, why: string): Error {
  return new Error(
    `Cannot write ${path}: a file is there that is not of this suite (${oneLine(why)}); move it, ` +
      "or give another --results, or overwrite it (--overwrite)",
  );
}

/** Of any version of the suite. */
const ledgerSchema = z.object({ claims: z.array(z.unknown()) });

/** What reads a file of the suite; it fails on any other. */
function readersOf(folder: string, notebooks: readonly string[]): Map<string, () => unknown> {
  const page = join(folder, REPORT_FILES.page);
  const ledger = join(folder, REPORT_FILES.ledger);
  const readers = new Map<string, () => unknown>([
    [page, async () => {
      if (!(await Deno.readTextFile(page)).includes(PAGE_TITLE)) throw new Error("another page");
    }],
    [ledger, () => readReport(ledger, ledgerSchema)],
  ]);
  for (const key of FINDING_KEYS) {
    const { notebook, table } = FINDINGS[key];
    if (!notebooks.some((name) => name.startsWith(notebook))) continue;
    readers.set(join(folder, "tables", table), () => readFindings(folder, { only: [key] }));
  }
  return readers;
}

/**
 * Makes sure, before anything runs, that a run replaces only files of the suite: run.json, the
 * report, the claims, and the tables of the notebooks that will run. Those of an earlier version
 * are the suite's own too.
 *
 * @param notebooks Names of the notebooks that will run.
 * @throws {Error} naming the first file that is not.
 */
export async function refuseForeignFiles(
  folder: string,
  notebooks: readonly string[],
): Promise<void> {
  const path = join(folder, "run.json");
  const previous = await previousRun(folder);
  if (previous === "foreign") throw foreignFile(path, "it says nothing of a run");
  if (previous === "older") {
    console.warn(
      `${path} is of an earlier version of this suite: nothing of that run counts, and what it ` +
        "left is replaced",
    );
    return;
  }
  for (const [file, read] of readersOf(folder, notebooks)) {
    if (!await Deno.lstat(file).then(() => true, () => false)) continue;
    try {
      await read();
    } catch (error) {
      throw foreignFile(file, (error as Error).message);
    }
  }
}
