/**
 * What a run left in a study's folder.
 *
 * @module
 */
import { basename, extname, join, relative } from "node:path";
import { findingOf, FINDINGS } from "../findings/mod.ts";
import { SHARDS } from "./shard_state.ts";
import {
  executedNotebook,
  figureNames,
  finishedFindings,
  REPORT_FILES,
  type RunRecord,
} from "../report/mod.ts";

/** A file that a run made, or one analysis' folder of records. */
export interface Artefact {
  /** "table", "figure", "notebook", "record" or "report". */
  kind: string;
  /** Path relative to the study's folder; a folder ends with a slash. */
  path: string;
  /** Files in it: 1 for a file. */
  files: number;
  bytes: number;
}

/** What a run on a cluster keeps beside its results. */
const NOT_LISTED = [SHARDS, "slurm"];

const KINDS: Record<string, string> = {
  tables: "table",
  figures: "figure",
  notebooks: "notebook",
  "report.html": "report",
};

/**
 * Where an artefact is listed: records by their analysis' folder, another study's in this one's
 * folder by that, everything else by itself.
 */
function listedAs(name: string): string {
  const [top, inner] = name.split("/");
  if (top === "records") return `${top}/${inner}/`;
  return inner === undefined || Object.hasOwn(KINDS, top) ? name : `${top}/`;
}

/** Tells the files of a run's notebooks from what runs of other models left in the folder. */
async function filesOf(folder: string, run: RunRecord): Promise<(name: string) => boolean> {
  const ended = run.notebooks.filter(({ status, reason }) => status === "done" || reason !== null);
  const executed = await Promise.all(ended.map(({ name }) => executedNotebook(folder, name)));
  const known: Readonly<Record<string, ReadonlySet<string>>> = {
    tables: new Set([
      basename(REPORT_FILES.ledger, ".json"),
      ...finishedFindings(run).map((key) => basename(FINDINGS[key].table, ".json")),
    ]),
    figures: new Set(executed.flatMap((notebook) => notebook ? figureNames(notebook) : [])),
    notebooks: new Set(ended.map(({ name }) => `${name}.ipynb`)),
    records: new Set(ended.flatMap(({ name }) => {
      const key = findingOf(name);
      return key === undefined ? [] : [FINDINGS[key].records];
    })),
  };
  return (name) => {
    const [top, inner] = name.split("/");
    if (NOT_LISTED.includes(top)) return false;
    if (!Object.hasOwn(known, top)) return true;
    const stem = basename(inner, extname(inner));
    // A finding's further frames have its table's name and a word of their own.
    if (top === "tables") return [...known.tables].some((own) => `${stem}_`.startsWith(`${own}_`));
    return known[top].has(top === "figures" ? stem : inner);
  };
}

/** What a run's notebooks, and earlier ones of the same models, made: by kind, then path. */
export async function listArtefacts(folder: string, run: RunRecord): Promise<Artefact[]> {
  const isOfRun = await filesOf(folder, run);
  const artefacts = new Map<string, Artefact>();
  async function walk(path: string) {
    for await (const entry of Deno.readDir(path)) {
      const child = join(path, entry.name);
      if (entry.isDirectory) await walk(child);
      else {
        const name = relative(folder, child).replaceAll("\\", "/");
        if (!isOfRun(name)) continue;
        const path = listedAs(name);
        const kind = KINDS[name.split("/")[0]] ?? "record";
        const artefact = artefacts.get(path) ?? { kind, path, files: 0, bytes: 0 };
        artefact.files++;
        artefact.bytes += (await Deno.stat(child)).size;
        artefacts.set(path, artefact);
      }
    }
  }
  await walk(folder);
  const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...artefacts.values()].sort((a, b) => byText(a.kind, b.kind) || byText(a.path, b.path));
}
