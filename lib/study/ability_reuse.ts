/**
 * Taking over what an earlier transferability run has: cache, samples, and records that agree.
 *
 * @module
 */
import { dirname, join, sep } from "node:path";
import { type AbilityRecord, abilityRecordSchema } from "../evaluation/mod.ts";
import { readJson, storedIdentity } from "./ability_claims.ts";
import { ABILITY_FILES, findRecords, modelFolder, recordsPath } from "./ability_folder.ts";
import type { AbilityModel } from "./ability_models.ts";
import { isFolder } from "../paths.ts";
import { decodeUtf8, parseStrictJson } from "../strict_json.ts";
import { identityDifferences, type RunIdentity } from "../experiments/mod.ts";

/** Finds a record of the earlier run. */
export type ReusableRecords = (
  experiment: string,
  setting: string,
  id: string,
) => AbilityRecord | undefined;

async function copyMissing(from: string, to: string) {
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (isDirectory) await copyMissing(source, target);
    else if (isFile && !await Deno.stat(target).then(() => true, () => false)) {
      await Deno.mkdir(dirname(target), { recursive: true });
      await Deno.copyFile(source, target);
    }
  }
}

/**
 * Copies an earlier run's cache and samples; what is there already stays.
 *
 * @throws {Error} if there is no such run.
 */
export async function copyReused(from: string, run: string): Promise<void> {
  if (!isFolder(from)) {
    throw new Error(`Cannot reuse ${from}: there is no such folder`);
  }
  for (const part of [ABILITY_FILES.cache, ABILITY_FILES.splits]) {
    const source = join(from, part);
    const there = await Deno.stat(source).then(() => true, () => false);
    if (there) await copyMissing(source, join(run, part));
  }
}

/** Records of a file; a line of the original cannot be shown to agree, so it is asked again. */
async function readRecords(path: string): Promise<Map<string, AbilityRecord>> {
  const lines = decodeUtf8(await Deno.readFile(path), path).split("\n").slice(0, -1);
  const records = lines.flatMap((line, i) => {
    const { data } = abilityRecordSchema.safeParse(
      parseStrictJson(line, { source: `${path}:${i + 1}` }),
    );
    return data ? [data as AbilityRecord] : [];
  });
  return new Map(records.map((record) => [record.id, record]));
}

/** What decides an answer to a question: any run with the same may lend its records. */
function answering({ version, grading, options }: Partial<RunIdentity>) {
  return { version, grading, options: { ...options, experiment_type: null } };
}

/**
 * An earlier run's records of a model, if they were made by the same model with the same options.
 * Whether a record's question agrees is for the caller to see, by its `question_hash`.
 *
 * @param run Identity of the run that takes them over.
 */
export async function reusableRecords(
  from: string,
  { name, identity }: AbilityModel,
  run: RunIdentity,
): Promise<ReusableRecords> {
  const config = await readJson(join(from, ABILITY_FILES.config)) as
    | { identity?: Partial<RunIdentity> }
    | undefined;
  const folder = modelFolder(name);
  const there = [answering(config?.identity ?? {}), await storedIdentity(from, folder) ?? null];
  const agrees = identityDifferences({ ...there }, { ...[answering(run), identity] }).length === 0;
  const files = new Map<string, Map<string, AbilityRecord>>();
  if (agrees) {
    const own = findRecords(from).filter((path) => path.startsWith(folder + sep));
    for (const path of own) files.set(path, await readRecords(join(from, path)));
  }
  return (experiment, setting, id) =>
    files.get(recordsPath(folder, { name: experiment }, { name: setting }))?.get(id);
}
