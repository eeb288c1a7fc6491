/**
 * Whose results a run's folders hold, and which of its models answer in the same batches.
 *
 * @module
 */
import { join, sep } from "node:path";
import { writeAtomically } from "../atomic_write.ts";
import type { AbilityModel } from "./ability_models.ts";
import { ABILITY_FILES, findRecords } from "./ability_folder.ts";
import { claimFolder } from "../experiments/mod.ts";
import type { ModelIdentity } from "../experiments/mod.ts";

interface StoredModel {
  identity?: ModelIdentity;
  batch_group?: number;
}

/** A JSON file's content; undefined if it is not there or broken. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch {
    return undefined;
  }
}

function fileOf(run: string, folder: string): string {
  return join(run, folder, ABILITY_FILES.model);
}

async function readModel(path: string): Promise<StoredModel | undefined> {
  const json = await readJson(path);
  return typeof json === "object" && json !== null ? json as StoredModel : undefined;
}

/** The identity that a model's folder of results states. */
export async function storedIdentity(
  run: string,
  folder: string,
): Promise<ModelIdentity | undefined> {
  return (await readModel(fileOf(run, folder)))?.identity;
}

/** Batch groups of which there are records: they must stay as they are. */
async function settledGroups(run: string): Promise<Set<number>> {
  const groups = new Set<number>();
  const withRecords = findRecords(run).filter((path) => Deno.statSync(join(run, path)).size > 0);
  for (const folder of new Set(withRecords.map((path) => join(path, "..", "..")))) {
    const group = (await readModel(fileOf(run, folder)))?.batch_group;
    if (group !== undefined) groups.add(group);
  }
  return groups;
}

/**
 * Makes the results folders of models theirs.
 *
 * Models of a group answer in the same batches, now and when the run is continued, whatever models
 * it has by then, so that it ends as if uninterrupted: a model that has records stays in the group
 * that it was in.
 *
 * @param lists New models of one list form a group.
 * @param folderOf A model's folder of results, relative to the run's.
 * @returns The models by group, the oldest first.
 * @throws {Error} if two models share a folder, or one holds results of other weights or another
 * merge; nothing is changed for models that come after it.
 */
export async function claimModels(
  run: string,
  lists: readonly (readonly AbilityModel[])[],
  folderOf: (model: AbilityModel) => string,
): Promise<AbilityModel[][]> {
  const models = lists.flat();
  const folders = models.map(folderOf);
  const twice = folders.findIndex((folder, i) => folders.indexOf(folder) < i);
  if (twice >= 0) {
    throw new Error(
      `Cannot evaluate ${models[folders.indexOf(folders[twice])].name} and ${models[twice].name} ` +
        `in one run: both would go to ${folders[twice]}`,
    );
  }
  const settled = await settledGroups(run);
  const next = Math.max(0, ...settled) + 1;
  const groups = new Map<number, AbilityModel[]>();
  for (const [i, model] of models.entries()) {
    const { name, label, kind, identity, merge } = model;
    const path = fileOf(run, folders[i]);
    const before = (await readModel(path))?.batch_group;
    const list = lists.findIndex((list) => list.includes(model));
    const group = before !== undefined && settled.has(before) ? before : next + list;
    const about = { model: name, label, model_type: kind, merge: merge?.layers ?? null };
    await claimFolder(join(run, folders[i]), {
      file: ABILITY_FILES.model,
      identity,
      about: { ...about, batch_group: group },
      logs: findRecords(run).filter((records) => records.startsWith(folders[i] + sep))
        .map((records) => records.slice(folders[i].length + 1)),
    });
    const stored = await readModel(path);
    if (stored?.batch_group !== group) {
      await writeAtomically(
        path,
        JSON.stringify({ ...stored, batch_group: group }, null, 2) + "\n",
      );
    }
    groups.set(group, [...groups.get(group) ?? [], model]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}
