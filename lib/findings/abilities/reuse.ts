/**
 * Taking over what an earlier transferability run has: cache, samples, and records that agree.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { type AbilityRecord, abilityRecordSchema } from "./records.ts";
import {
  identityDifferences,
  type Pass,
  type RunIdentity,
  type Sink,
} from "../../experiments/mod.ts";
import { isFile, isFolder } from "../../paths.ts";
import { decodeUtf8, parseStrictJson } from "../../strict_json.ts";
import { abilityRows, rowHash } from "./answers.ts";
import { ABILITY_FILES, findRecords, modelFolder, readJson } from "./folder.ts";
import { type PlacedModel, readModel } from "./model.ts";
import { answerKey, type AskedQuestion } from "./questions.ts";

async function copyMissing(from: string, to: string) {
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (isDirectory) await copyMissing(source, target);
    else if (isFile(source) && !isFile(target)) {
      await Deno.mkdir(dirname(target), { recursive: true });
      await Deno.copyFile(source, target);
    }
  }
}

/** The records of a run, by `answerKey`. Lines of the original cannot be shown to agree: they are not there. */
async function earlierRecords(from: string): Promise<Map<string, AbilityRecord>> {
  const records = new Map<string, AbilityRecord>();
  for (const path of findRecords(from).map((path) => join(from, path))) {
    const lines = decodeUtf8(await Deno.readFile(path), path).split("\n").slice(0, -1);
    for (const [i, line] of lines.entries()) {
      const value = parseStrictJson(line, { source: `${path}:${i + 1}` });
      const { data } = abilityRecordSchema.safeParse(value);
      if (data) records.set(answerKey(data), data);
    }
  }
  return records;
}

/** What decides an answer to a question: any run with the same may lend its records. */
function answering({ version, grading, options }: Partial<RunIdentity>) {
  return { version, grading, options: { ...options, experiment_type: null } };
}

/** Whether the same model answered in an earlier run in the same way. */
async function agrees(
  from: string,
  { name, identity }: PlacedModel,
  run: Partial<RunIdentity>,
): Promise<boolean> {
  const config = await readJson(join(from, ABILITY_FILES.config)) as
    | { identity?: Partial<RunIdentity> }
    | undefined;
  const model = (await readModel(from, modelFolder(name))).identity ?? null;
  const there = { run: answering(config?.identity ?? {}), model };
  return identityDifferences(there, { run: answering(run), model: identity }).length === 0;
}

/** What {@linkcode reusePass} takes. */
export interface ReusePassOptions {
  /** The earlier run's folder. */
  from: string;
  models: readonly PlacedModel[];
  records: Sink<AbilityRecord>;
  identity: Pick<RunIdentity, "version" | "grading" | "options">;
  /** Is told how many records were taken over. */
  onLine: (line: string) => void;
}

/** Copies an earlier run's cache and samples, where there are none yet. */
export function copyPass(from: string, folder: string): Pass<AskedQuestion, undefined> {
  return {
    isComplete: () => false,
    run: async () => {
      for (const part of [ABILITY_FILES.cache, ABILITY_FILES.splits]) {
        if (!isFolder(join(from, part))) continue;
        await copyMissing(join(from, part), join(folder, part));
      }
    },
  };
}

/** Takes over an earlier run's records of the same questions, as they are shown now, to its models. */
export function reusePass(
  { from, models, records, identity, onLine }: ReusePassOptions,
): Pass<AskedQuestion, undefined> {
  return {
    isComplete: () => false,
    run: async (_, samples) => {
      const earlier = await earlierRecords(from);
      for (const model of models) {
        const rows = abilityRows(samples, [model]);
        const lent = await agrees(from, model, identity)
          ? rows.filter((row) => {
            const { key } = row.request;
            return !records.records.has(key) && earlier.get(key)?.question_hash === rowHash(row);
          })
          : [];
        for (const { request } of lent) records.append(earlier.get(request.key)!);
        onLine(`Reused ${lent.length} of ${rows.length} records of ${model.name} from ${from}`);
      }
    },
  };
}
