/**
 * Taking over what an earlier transferability run has: cache, samples, and records that agree.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { type AbilityRecord, abilityRecordSchema } from "./records.ts";
import {
  identityDifferences,
  type RunIdentity,
  type Sink,
  type Step,
} from "../../experiments/mod.ts";
import { isFile, isFolder } from "../../paths.ts";
import { decodeUtf8, parseStrictJson } from "../../strict_json.ts";
import { abilityRows, rowHash } from "./answers.ts";
import { ABILITY_FILES, findRecords, modelFolder, readJson, recordsPath } from "./folder.ts";
import { type PlacedModel, readModel } from "./model.ts";
import type { AskedQuestion } from "./questions.ts";

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

/** Records of a file; a line of the original cannot be shown to agree, so it is asked again. */
async function readRecords(path: string): Promise<Map<string, AbilityRecord>> {
  const lines = decodeUtf8(await Deno.readFile(path), path).split("\n").slice(0, -1);
  const records = lines.flatMap((line, i) => {
    const value = parseStrictJson(line, { source: `${path}:${i + 1}` });
    return abilityRecordSchema.safeParse(value).data ?? [];
  });
  return new Map(records.map((record) => [record.id, record]));
}

/** What decides an answer to a question: any run with the same may lend its records. */
function answering({ version, grading, options }: Partial<RunIdentity>) {
  return { version, grading, options: { ...options, experiment_type: null } };
}

/** An earlier run's records of a model by their files, if the same model made them the same way. */
async function agreeingRecords(
  from: string,
  { name, identity }: PlacedModel,
  run: Partial<RunIdentity>,
): Promise<Map<string, Map<string, AbilityRecord>>> {
  const config = await readJson(join(from, ABILITY_FILES.config)) as
    | { identity?: Partial<RunIdentity> }
    | undefined;
  const folder = modelFolder(name);
  const there = [answering(config?.identity ?? {}), (await readModel(from, folder)).identity];
  const files = new Map<string, Map<string, AbilityRecord>>();
  if (identityDifferences({ ...there }, { ...[answering(run), identity] }).length > 0) return files;
  for (const path of findRecords(from).filter((path) => dirname(dirname(path)) === folder)) {
    files.set(path, await readRecords(join(from, path)));
  }
  return files;
}

/** What {@linkcode reuseStep} takes. */
export interface ReuseStepOptions {
  /** The earlier run's folder. */
  from: string;
  models: readonly PlacedModel[];
  records: Sink<AbilityRecord>;
  identity: Pick<RunIdentity, "version" | "grading" | "options">;
  /** Is told how many records were taken over. */
  onLine: (line: string) => void;
}

/** Copies an earlier run's cache and samples, where there are none yet. */
export function copyStep(from: string, folder: string): Step<AskedQuestion> {
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
export function reuseStep(
  { from, models, records, identity, onLine }: ReuseStepOptions,
): Step<AskedQuestion> {
  return {
    isComplete: () => false,
    run: async (samples) => {
      for (const model of models) {
        const earlier = await agreeingRecords(from, model, identity);
        const rows = abilityRows(samples, [model]);
        let count = 0;
        for (const row of rows) {
          if (records.records.has(row.request.key)) continue;
          const { experiment, setting, question } = row;
          const path = recordsPath(modelFolder(model.name), experiment.name, setting.name);
          const record = earlier.get(path)?.get(question.id);
          if (record?.question_hash !== rowHash(row)) continue;
          records.append(record);
          count++;
        }
        onLine(`Reused ${count} of ${rows.length} records of ${model.name} from ${from}`);
      }
    },
  };
}
