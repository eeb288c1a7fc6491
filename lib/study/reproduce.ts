/**
 * All notebooks of the suite on one recipe, headless.
 *
 * @module
 */
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { writeAtomically } from "../atomic_write.ts";
import { type CellEvent, runNotebook } from "../notebook/mod.ts";
import type { ProgressEvent, ProgressListener } from "../progress.ts";
import { modelProvenance, provenance } from "./provenance.ts";
import { PROGRESS_MIME } from "./show_progress.ts";
import type { Study } from "./study.ts";

/** Options of {@linkcode reproduce}. */
export interface ReproduceOptions {
  /** Numbers or names of the notebooks to run, e.g. ["05"]; default all. */
  only?: string[];
  /** What the notebooks are told for the parameter `recipe`: a name or a file. */
  recipe: string;
  /** Receives progress. */
  onProgress?: ProgressListener;
  /** Stops the run and the kernel. */
  signal?: AbortSignal;
}

/** A file that a run made, or one analysis' folder of records. */
export interface Artefact {
  /** "table", "figure", "notebook" or "record". */
  kind: string;
  /** Path relative to the study's folder; a folder ends with a slash. */
  path: string;
  /** Files in it: 1 for a file. */
  files: number;
  bytes: number;
}

/** Folder of the notebooks. */
export const NOTEBOOKS = fileURLToPath(new URL("../../notebooks", import.meta.url));

/** Names of the suite's notebooks, in order. */
export function listNotebooks(): string[] {
  return [...Deno.readDirSync(NOTEBOOKS)]
    .filter(({ name }) => /^\d\d_.*\.ipynb$/.test(name))
    .map(({ name }) => basename(name, ".ipynb"))
    .sort();
}

/**
 * Picks notebooks by number ("05"), name ("05_update_energy") or file name.
 *
 * @throws {Error} naming what is unknown and what there is.
 */
export function selectNotebooks(only?: string[]): string[] {
  const all = listNotebooks();
  if (only === undefined) return all;
  const wanted = only.map((text) => basename(text.trim(), ".ipynb"));
  for (const name of wanted) {
    if (!all.some((notebook) => notebook === name || notebook.slice(0, 2) === name)) {
      throw new Error(`Unknown notebook ${JSON.stringify(name)}: there are ${all.join(", ")}`);
    }
  }
  return all.filter((notebook) =>
    wanted.includes(notebook) || wanted.includes(notebook.slice(0, 2))
  );
}

/** Turns what a running notebook tells into progress of the whole run. */
function cellProgress(notebook: string, onProgress: ProgressListener) {
  return (event: CellEvent) => {
    if (event.type === "started") {
      onProgress({ label: notebook, done: event.number - 1, total: event.total, unit: "cells" });
    } else if (event.type === "display" && PROGRESS_MIME in event.data) {
      const inner = event.data[PROGRESS_MIME] as ProgressEvent;
      onProgress({ ...inner, label: `${notebook}: ${inner.label}` });
    }
  };
}

const KINDS: Record<string, string> = { tables: "table", figures: "figure", notebooks: "notebook" };

/** Where an artefact is listed: records by their analysis' folder, everything else by itself. */
function listedAs(name: string): string {
  const [top, analysis] = name.split("/");
  return top === "records" ? `${top}/${analysis}/` : name;
}

/** What is under a study's folder, by kind, then path. */
export async function listArtefacts(folder: string): Promise<Artefact[]> {
  const artefacts = new Map<string, Artefact>();
  async function walk(path: string) {
    for await (const entry of Deno.readDir(path)) {
      const child = join(path, entry.name);
      if (entry.isDirectory) await walk(child);
      else {
        const name = relative(folder, child).replaceAll("\\", "/");
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

/**
 * Runs the notebooks one after the other. Finished analyses of an earlier run are reused, an
 * interrupted one goes on. Executed notebooks go to notebooks/ of the study's folder, and run.json
 * beside it says what made the results.
 *
 * @throws {Error} if a model cannot be had or a notebook fails (named, with its cell and traceback);
 * run.json then says so.
 */
export async function reproduce(
  study: Study,
  { only, recipe, onProgress = () => {}, signal }: ReproduceOptions,
): Promise<Artefact[]> {
  const notebooks = selectNotebooks(only);
  const { models, modelNames } = await study.triple(signal);
  const modelRecords = {
    base: await modelProvenance(models.base, modelNames.base),
    sft: await modelProvenance(models.sft, modelNames.sft),
    rl: await modelProvenance(models.rl, modelNames.rl),
  };
  const record = {
    recipe: study.recipe.name,
    description: study.recipe.description,
    models: modelRecords,
    ...await provenance(),
    started: new Date().toISOString(),
    finished: null as string | null,
    notebooks: notebooks.map((name) => ({ name, status: "not run", seconds: 0 })),
  };
  const writeRecord = () =>
    writeAtomically(join(study.folder, "run.json"), JSON.stringify(record, null, 2) + "\n");
  await writeRecord();
  for (const entry of record.notebooks) {
    const started = performance.now();
    try {
      await runNotebook(join(NOTEBOOKS, `${entry.name}.ipynb`), {
        parameters: { recipe, results: join(study.folder, "..") },
        output: join(study.folder, "notebooks", `${entry.name}.ipynb`),
        onCell: cellProgress(entry.name, onProgress),
        signal,
        handleSignals: signal === undefined,
      });
      entry.status = "done";
    } catch (error) {
      entry.status = signal?.aborted ? "interrupted" : "failed";
      throw error;
    } finally {
      entry.seconds = Math.round((performance.now() - started) / 100) / 10;
      await writeRecord();
    }
  }
  record.finished = new Date().toISOString();
  await writeRecord();
  return await listArtefacts(study.folder);
}
