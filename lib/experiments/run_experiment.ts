/**
 * Runs an experiment in a folder: what is recorded there already is not computed again.
 *
 * @module
 */
import { join, relative, sep } from "node:path";
import type { z } from "zod";
import { writeAtomically } from "../atomic_write.ts";
import { partOf, PartRecorded, type Shard } from "../shard.ts";
import type { HubDatasetOptions } from "../checkpoint/hub/mod.ts";
import { claimFolder } from "./claim_folder.ts";
import type { Experiment, Preparation, RecordsOf } from "./experiment.ts";
import { LazyModel, type ProbedModel } from "./lazy_model.ts";
import { readOptions } from "./options.ts";
import type { PassOptions } from "./pass.ts";
import { provenance } from "./provenance.ts";
import { RecordSet } from "./record_set.ts";
import { hashJson, type ModelIdentity, type RunIdentity } from "./run_identity.ts";

/** Where a run's models, questions and results are. */
export interface RunOptions<M extends string, O>
  extends PassOptions, Pick<HubDatasetOptions, "cacheDir" | "offline"> {
  models: Readonly<Record<M, ProbedModel>>;
  /** Where the questions are from: "embedded", "hub" or a folder; nowhere, of weights alone. */
  data?: string;
  /** Folder of the results. */
  output: string;
  /** Puts them into a folder of their own in there, named by models, data and options. */
  keyed?: boolean;
  /** The experiment's own. */
  options?: O;
  /** Files outside of the folder that the caller writes from the report. */
  beside?: readonly string[];
  /** Throws away what the folder holds. */
  overwrite?: boolean;
  /** Does this part of the work, and makes no report. */
  shard?: Shard;
}

type RecordSets<L> = { readonly [K in keyof L]: RecordSet<L[K]> };

/** A function of each value, by the same keys. */
function mapValues<T extends object, R>(
  values: T,
  make: (value: T[keyof T], key: keyof T) => R,
): { [K in keyof T]: R } {
  const made = Object.entries(values).map(([key, value]) => [key, make(value, key as keyof T)]);
  return Object.fromEntries(made);
}

async function identify<M extends string>(
  { name, version, reads }: { name: string; version: number; reads?: "answers" | "weights" },
  lazy: Readonly<Record<M, LazyModel>>,
  { kinds, identity: { grading, data, options } }: Pick<
    Preparation<M, unknown, unknown, unknown>,
    "kinds" | "identity"
  >,
): Promise<RunIdentity> {
  const models: Record<string, ModelIdentity> = {};
  for (const role of Object.keys(lazy) as M[]) {
    const own = await lazy[role].identity(reads);
    models[role] = kinds ? { ...own, model_type: kinds[role] } : own;
  }
  return {
    experiment: name,
    version,
    ...grading === undefined ? {} : { grading },
    ...Object.keys(models).length === 0 ? {} : { models },
    data,
    options,
  };
}

/** Computes what is not recorded, one model open at a time, and gives all records. */
async function recordRest<M extends string, L, S>(
  { samples, sampleKey, passes, records: layouts }: Preparation<M, L, S, unknown>,
  { folder, lazy, shard, options }: {
    folder: string;
    lazy: Readonly<Record<M, LazyModel>>;
    shard?: Shard;
    options: PassOptions;
  },
): Promise<RecordsOf<L>> {
  using stack = new DisposableStack();
  const records = mapValues(
    layouts,
    (layout) => stack.use(new RecordSet(folder, layout)),
  ) as unknown as RecordSets<L>;
  const own = partOf(samples, shard);
  for (const work of passes(records, folder)) {
    if (work.pass.isComplete(own)) continue;
    if ("model" in work) {
      await work.pass.run(await lazy[work.model].open(), own, options);
      await lazy[work.model].close();
    } else await work.pass.run(undefined, own, options);
  }
  mapValues(records, (set) => set.confirm());
  const keys = samples.map(sampleKey);
  return mapValues(records, (set) => set.all(keys)) as unknown as RecordsOf<L>;
}

/**
 * Runs an experiment, or goes on with one that was stopped.
 *
 * @throws {NotRunError} if the data do not allow it.
 * @throws {PartRecorded} when a shard has done its part.
 * @throws {Error} if the folder holds results of other models, other data or other options (each is
 * named), if an option, a sample or an edit is at fault, or if the experiment's own control failed;
 * records that were written stand.
 */
export async function runExperiment<M extends string, O extends z.ZodObject, L, S, Report>(
  experiment: Experiment<M, O, L, S, Report>,
  {
    models,
    data = "",
    output,
    keyed = false,
    options,
    beside,
    overwrite,
    shard,
    cacheDir,
    offline,
    ...pass
  }: RunOptions<
    M,
    z.input<O>
  >,
): Promise<Report> {
  const what = `run ${experiment.name}`;
  const chosen = readOptions(experiment.options, options ?? {} as z.input<O>, what);
  await using stack = new AsyncDisposableStack();
  const lazy = mapValues(models, (model) => stack.use(new LazyModel(model)));
  const prepared = await experiment.prepare({
    models: mapValues(models, ({ folder, name, kind }, role) => ({
      ...{ folder, name, kind },
      get numLayers() {
        return lazy[role].numLayers;
      },
    })),
    options: chosen,
    data,
    keyed,
    earlier: keyed || overwrite ? null : output,
    cacheDir,
    offline,
  });
  const { folder: inside = ".", runFile = "run.json", records: layouts, basis } = prepared;
  const identity = await identify(experiment, lazy, prepared);
  const names = mapValues(models, ({ name }) => name);
  const folder = join(keyed ? join(output, hashJson(identity)) : output, inside);
  const logs = Object.values<{ paths: readonly string[] }>(layouts).flatMap(({ paths }) => paths);
  const named = "model" in names ? { model: names.model } : { models: names };
  await claimFolder(folder, {
    file: runFile,
    identity,
    about: { ...prepared.about ?? named, basis, ...await provenance() },
    logs,
    outputs: prepared.outputs,
    beside,
    overwrite,
  });
  for (const { folder: own, ...claim } of prepared.ownFolders ?? []) {
    const inOwn = logs.filter((path) => path.startsWith(own + sep));
    await claimFolder(join(folder, own), {
      ...claim,
      logs: inOwn.map((path) => relative(own, path)),
    });
  }
  for (const [path, text] of Object.entries(prepared.texts ?? {})) {
    await writeAtomically(join(folder, path), text);
  }
  const records = await recordRest(prepared, { folder, lazy, shard, options: pass });
  if (shard) throw new PartRecorded(shard);
  const { report, files, fault } = await prepared.report(records, folder);
  for (const [path, value] of Object.entries(files)) {
    await writeAtomically(join(folder, path), JSON.stringify(value, null, 2) + "\n");
  }
  if (fault !== undefined) throw new Error(`The control of ${folder} failed: ${fault}`);
  return report;
}
