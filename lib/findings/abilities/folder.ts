/**
 * Where a transferability run keeps what: the original's folders and file names.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readRows, withUniqueIds } from "../../benchmarks/mod.ts";
import type { Experiment } from "./experiment_types.ts";
import { hashJson, type ModelIdentity, modelPathName } from "../../experiments/mod.ts";

/** Names in a run's folder. */
export const ABILITY_FILES = {
  config: "config.json",
  splits: "splits",
  results: "results",
  cache: "cache",
  log: "logs/experiment.log",
  metrics: "paper_metrics.json",
  /** In a model's folder: whose results these are. */
  model: "model.json",
  /** In an experiment's folder. */
  summary: "summary.json",
} as const;

/** Path of a sample's ids, relative to the run's folder. */
export function splitPath(
  { split }: Experiment,
  { sampleSeed, sampleSize }: { sampleSeed: number; sampleSize: number },
): string {
  return join(ABILITY_FILES.splits, `${split}_seed${sampleSeed}_n${sampleSize}.jsonl`);
}

/**
 * Folder of a model's results, relative to the run's folder.
 *
 * @param identity Puts a hash of it into the name, so that another model of the same name, or a
 * merge with other cuts, has a folder of its own.
 */
export function modelFolder(model: string, identity?: ModelIdentity): string {
  const suffix = identity ? `-${hashJson(identity).slice(0, 8)}` : "";
  return join(ABILITY_FILES.results, modelPathName(model) + suffix);
}

/**
 * Path of a setting's answers, relative to the run's folder.
 *
 * @param folder From {@linkcode modelFolder}.
 */
export function recordsPath(folder: string, experiment: string, setting: string): string {
  return join(folder, experiment, `${setting}.jsonl`);
}

/** Paths in a folder of a run, relative to the run's, sorted; none if it is not there. */
export function foldersIn(run: string, folder: string): string[] {
  try {
    return [...Deno.readDirSync(join(run, folder))].map(({ name }) => join(folder, name)).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw error;
  }
}

/** Paths of all records in a run's folder, relative to it, sorted. */
export function findRecords(run: string): string[] {
  return foldersIn(run, ABILITY_FILES.results)
    .flatMap((model) => foldersIn(run, model))
    .flatMap((experiment) => foldersIn(run, experiment))
    .filter((path) => path.endsWith(".jsonl"));
}

/** A JSON file's content; undefined if it is not there or broken. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch {
    return undefined;
  }
}

const splitSchema = z.object({ id: z.union([z.string(), z.number().transform(String)]) });

/**
 * The ids in a sample's file.
 *
 * @returns Null if there is no such file.
 * @throws {Error} if a line is broken or an id stands twice.
 */
export async function readSplit(path: string): Promise<string[] | null> {
  if (!existsSync(path)) return null;
  const rows = await readRows(path, splitSchema);
  return withUniqueIds(path, rows.map(({ value }) => value)).map(({ id }) => id);
}
