/**
 * All notebooks of the suite on one recipe, headless.
 *
 * @module
 */
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkData } from "../benchmarks/mod.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import { listText } from "../list_text.ts";
import {
  type CellEvent,
  declaredParameters,
  NotebookError,
  readNotebook,
  runNotebook,
} from "../notebook/mod.ts";
import { checkDeviceWith } from "../model/mod.ts";
import type { ProgressEvent, ProgressListener } from "../progress.ts";
import { type Artefact, listArtefacts } from "./artefacts.ts";
import type { Ledger } from "../findings/mod.ts";
import { checkModelName } from "./ability_names.ts";
import { refuseForeignFiles } from "./own_files.ts";
import { modelRun } from "./model_run.ts";
import { parameterDefaults, settingsFor, type SuiteParameters } from "./notebook_parameters.ts";
import { modelProvenance, provenance } from "../experiments/mod.ts";
import {
  carryOver,
  previousRun,
  type RunNotebookRecord,
  type RunRecord,
  type TableFormat,
  writeReport,
  writeRunRecord,
} from "../report/mod.ts";
import { modelName } from "./resolve_triple.ts";
import { shardText } from "../shard.ts";
import { workloadOf } from "./run_time.ts";
import { removeDead } from "../temporary.ts";
import type { ShardState } from "./shard_state.ts";
import { PROGRESS_MIME } from "./show_progress.ts";
import type { Study } from "./study.ts";

export { type Artefact, listArtefacts } from "./artefacts.ts";

/** Options of {@linkcode reproduce}. */
export interface ReproduceOptions extends SuiteParameters {
  /** Numbers or names of the notebooks to run, e.g. ["05"]; default all. */
  only?: string[];
  /** What the notebooks are told for the parameter `recipe`: a name or a file. */
  recipe: string;
  /** Replaces files of the results folder that are not the suite's own. */
  overwrite?: boolean;
  /** Formats of tables besides JSON; default all. */
  formats?: readonly TableFormat[];
  /** Shards whose records the run goes on with. */
  shards?: readonly ShardState[];
  /** Receives progress. */
  onProgress?: ProgressListener;
  /** Stops the run and the kernel. */
  signal?: AbortSignal;
}

/** What {@linkcode reproduce} gives. */
export interface Reproduced {
  artefacts: Artefact[];
  /** The claims, judged by all notebooks that are done. */
  ledger: Ledger;
}

/** Folder of the notebooks. */
export const NOTEBOOKS: string = fileURLToPath(new URL("../../notebooks", import.meta.url));

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
      throw new Error(`Unknown notebook ${JSON.stringify(name)}: there are ${listText(all)}`);
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

/** Which checkpoints the notebooks use: the three, and the variants where one needs them. */
export async function modelRecords(
  study: Study,
  notebooks: readonly string[],
  { onProgress, signal }: Pick<ReproduceOptions, "onProgress" | "signal">,
): Promise<RunRecord["models"]> {
  const { models, modelNames } = await study.triple(signal);
  const records: RunRecord["models"] = {};
  for (const role of ["base", "sft", "rl"] as const) {
    records[role] = await modelProvenance(models[role], modelNames[role]);
  }
  if (!notebooks.some((name) => workloadOf(name)?.variants)) return records;
  for (const [name, reference] of Object.entries(study.recipe.variants)) {
    const found = await resolveModel(reference, { onProgress, signal });
    records[name] = await modelProvenance(found, modelName(found));
  }
  return records;
}

/** Those of the notebooks that do not declare a parameter, and so cannot be told it. */
export async function notebooksWithout(
  parameter: string,
  names: readonly string[],
): Promise<string[]> {
  const lacking = await Promise.all(names.map(async (name) => {
    const notebook = await readNotebook(join(NOTEBOOKS, `${name}.ipynb`));
    return declaredParameters(notebook).some((known) => known.name === parameter) ? [] : [name];
  }));
  return lacking.flat();
}

/** Whether one of the notebooks asks a model questions, so that it must be known which. */
export async function askQuestions(names: readonly string[]): Promise<boolean> {
  return (await notebooksWithout("data", names)).length < names.length;
}

/** Where the study's models run; a GPU is compared with the CPU before anything starts. */
export async function deviceOf(
  study: Study,
  signal?: AbortSignal,
): Promise<Pick<RunRecord, "device" | "device_check">> {
  const folders = Object.values((await study.triple(signal)).folders);
  const { device, precision } = modelRun(folders[0], study);
  const checks = [];
  for (const folder of folders) checks.push(await checkDeviceWith(folder, { device, precision }));
  const [first] = checks;
  const difference = Math.max(...checks.map((check) => check?.difference ?? 0));
  return { device, device_check: first && { device: first.device, precision, difference } };
}

async function startRecord(
  study: Study,
  selected: readonly string[],
  { data, shards, ...options }: ReproduceOptions,
): Promise<RunRecord> {
  const models = await modelRecords(study, selected, options);
  const found = await previousRun(study.folder);
  const previous = typeof found === "string" ? null : found;
  const notebooks = carryOver(previous, { names: listNotebooks(), selected, models });
  const kept = notebooks.some(({ status }) => status === "done") ? previous?.models : undefined;
  const ignoring = await notebooksWithout("device", selected);
  return {
    recipe: study.recipe.name,
    description: study.recipe.description,
    models: { ...kept, ...models },
    ...await provenance(),
    device: "cpu",
    device_check: null,
    ...ignoring.length < selected.length && await deviceOf(study, options.signal),
    data: data ?? null,
    shards: shards?.map(({ index, count, host, device, startedAt, finishedAt }) => ({
      shard: shardText({ index, count }),
      host,
      device,
      started: startedAt,
      finished: finishedAt ?? null,
    })) ?? null,
    started: new Date().toISOString(),
    finished: null,
    notebooks,
  };
}

/** What a cell said that the data do not allow; null for any other error. */
function notRunReason(error: unknown): string | null {
  const traceback = error instanceof NotebookError ? error.traceback : "";
  return /^(?:Uncaught )?(?:\([^)]*\) )?NotRunError: (.+)$/m.exec(traceback)?.[1].trim() ?? null;
}

/** Runs one notebook; its entry says how that ended. */
async function runOne(
  study: Study,
  entry: RunNotebookRecord,
  options: ReproduceOptions,
): Promise<void> {
  const { recipe, onProgress = () => {}, signal } = options;
  const path = join(NOTEBOOKS, `${entry.name}.ipynb`);
  const started = performance.now();
  try {
    const notebook = await readNotebook(path);
    const settings = settingsFor(notebook, options);
    const { recipe: _, results: __, ...defaults } = parameterDefaults(notebook);
    entry.parameters = { ...defaults, ...settings };
    await runNotebook(path, {
      parameters: { recipe, results: join(study.folder, ".."), ...settings },
      output: join(study.folder, "notebooks", `${entry.name}.ipynb`),
      onCell: cellProgress(entry.name, onProgress),
      signal,
    });
    entry.status = "done";
    entry.finished = new Date().toISOString();
  } catch (error) {
    entry.reason = notRunReason(error);
    if (entry.reason !== null) return;
    entry.status = signal?.aborted ? "interrupted" : "failed";
    throw error;
  } finally {
    entry.seconds = Math.round((performance.now() - started) / 100) / 10;
  }
}

/**
 * Runs the notebooks one after the other, judges the claims and writes the report. Finished analyses
 * of an earlier run are reused, an interrupted one goes on. Executed notebooks go to notebooks/ of
 * the study's folder; run.json beside it says what made the results, and of which notebooks, this
 * run's and earlier ones' on the same checkpoints. The claims (tables/claims.json) and report.html
 * are of all that are done, also if one fails.
 *
 * @throws {Error} before anything runs, if the data or the describer name nothing, or a file that
 * would be replaced is not the suite's own; if a model cannot be had or a notebook fails (named, with its cell and traceback);
 * run.json then says so.
 */
export async function reproduce(study: Study, asked: ReproduceOptions): Promise<Reproduced> {
  const selected = selectNotebooks(asked.only);
  const options = await askQuestions(selected) ? { ...asked, data: study.data } : asked;
  const stated = study.statedData;
  if (stated !== undefined) checkData(stated);
  if (asked.describer !== undefined) {
    checkModelName(asked.describer, { ...study.recipe.variants, ...study.recipe.models });
  }
  if (!asked.overwrite) await refuseForeignFiles(study.folder, selected);
  removeDead({ folder: study.folder });
  const record = await startRecord(study, selected, options);
  await writeRunRecord(study.folder, record);
  for (const entry of record.notebooks.filter(({ name }) => selected.includes(name))) {
    try {
      await runOne(study, entry, options);
    } catch (error) {
      await writeRunRecord(study.folder, record);
      // What is done is worth reading; that the report failed too would hide what went wrong.
      if (entry.status === "failed") {
        await writeReport(study.folder, record, options).catch(() => {});
      }
      throw error;
    }
    await writeRunRecord(study.folder, record);
  }
  record.finished = new Date().toISOString();
  await writeRunRecord(study.folder, record);
  const ledger = await writeReport(study.folder, record, options);
  return { artefacts: await listArtefacts(study.folder, record), ledger };
}
