/**
 * All that a report is made of, gathered from a study's folder.
 *
 * @module
 */
import { join } from "node:path";
import { type Notebook, readNotebook, titleOf } from "../notebook/mod.ts";
import { isFile } from "../paths.ts";
import {
  FINDING_KEYS,
  type FindingKey,
  FINDINGS,
  type Findings,
  judgeClaims,
  type Ledger,
  readFindings,
} from "../findings/mod.ts";
import type { RunRecord } from "./run_record.ts";
import { readFigures, type ReportFigure } from "./report_figures.ts";

/** A notebook that has run, and what it shows. */
export interface ReportNotebook {
  /** File name without its ending, e.g. "05_update_energy". */
  name: string;
  title: string;
  figures: ReportFigure[];
}

/** All that a report is made of. */
export interface ReportContent {
  run: RunRecord;
  findings: Findings;
  ledger: Ledger;
  /** Those that are done, in their order. */
  notebooks: ReportNotebook[];
  /** Why figures cannot be shown, one sentence each. */
  unreadable: string[];
  /** Files of numbers besides JSON, by finding; paths relative to the study's folder. */
  tables: ReadonlyMap<FindingKey, readonly string[]>;
}

/** Number of a notebook, e.g. "05". */
export function notebookNumber(name: string): string {
  return name.slice(0, 2);
}

/** Names of the figures that a notebook shows, by its calls of `show`. */
export function figureNames({ cells }: Notebook): string[] {
  const sources = cells.flatMap(({ cell_type: type, source }) => type === "code" ? [source] : []);
  const calls = sources.flatMap((source) => [...source.matchAll(/\.show\(\s*"([\w.-]+)"/g)]);
  return [...new Set(calls.map(([, name]) => name))];
}

/** The findings whose notebooks ended, also for lack of data: other tables may be of earlier models. */
export function finishedFindings({ notebooks }: RunRecord): FindingKey[] {
  const done = new Set(
    notebooks.filter(({ status, reason }) => status === "done" || reason !== null)
      .map(({ name }) => notebookNumber(name)),
  );
  return FINDING_KEYS.filter((key) => done.has(FINDINGS[key].notebook));
}

/** A notebook as a run left it; null if it is not there: a user may have moved it elsewhere. */
export async function executedNotebook(folder: string, name: string): Promise<Notebook | null> {
  const path = join(folder, "notebooks", `${name}.ipynb`);
  return isFile(path) ? await readNotebook(path) : null;
}

/**
 * Gathers a report's content: the findings and figures of the notebooks that `run` says are done.
 *
 * @param folder The study's folder.
 * @throws {Error} if a table or an executed notebook is broken; names it. Of figures that are,
 * `unreadable` tells.
 */
export async function gatherReport(folder: string, run: RunRecord): Promise<ReportContent> {
  const findings = await readFindings(folder, { only: finishedFindings(run) });
  const { figures, unreadable } = await readFigures(folder);
  const notebooks: ReportNotebook[] = [];
  for (const { name, status } of run.notebooks) {
    if (status !== "done") continue;
    // Its table says all that counts.
    const notebook = await executedNotebook(folder, name);
    notebooks.push({
      name,
      title: notebook ? titleOf(notebook, name) : name,
      figures: (notebook ? figureNames(notebook) : [])
        .flatMap((figure) => figures.get(figure) ?? []),
    });
  }
  return { run, findings, ledger: judgeClaims(findings), notebooks, unreadable, tables: new Map() };
}
