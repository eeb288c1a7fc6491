/**
 * Where a transferability run keeps what: the original's folders and file names.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { systemReason } from "../atomic_write.ts";
import {
  type AbilityRecord,
  abilityRecordSchema,
  type Experiment,
  type ExperimentSetting,
} from "../evaluation/mod.ts";
import { modelPathName } from "../experiments/mod.ts";
import { RecordLog } from "../experiments/mod.ts";
import { hashJson, type ModelIdentity } from "../experiments/mod.ts";
import type { Asked } from "./ability_questions.ts";
import { fitted } from "../schema_reason.ts";
import { decodeUtf8, parseStrictJson } from "../strict_json.ts";

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
export function recordsPath(
  folder: string,
  experiment: Pick<Experiment, "name">,
  setting: Pick<ExperimentSetting, "name">,
): string {
  return join(folder, experiment.name, `${setting.name}.jsonl`);
}

/** Paths of all records in a run's folder, relative to it, sorted. */
export function findRecords(run: string): string[] {
  const found: string[] = [];
  const folders = (path: string) => {
    try {
      return [...Deno.readDirSync(join(run, path))].sort((a, b) => a.name < b.name ? -1 : 1);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
        return [];
      }
      throw error;
    }
  };
  for (const model of folders(ABILITY_FILES.results)) {
    for (const experiment of folders(join(ABILITY_FILES.results, model.name))) {
      const folder = join(ABILITY_FILES.results, model.name, experiment.name);
      for (const { name } of folders(folder)) {
        if (name.endsWith(".jsonl")) found.push(join(folder, name));
      }
    }
  }
  return found;
}

const splitSchema = z.object({ id: z.union([z.string(), z.number().transform(String)]) });

/**
 * The ids in a sample's file.
 *
 * @returns Null if there is no such file.
 * @throws {Error} if a line is broken or an id stands twice.
 */
export async function readSplit(path: string): Promise<string[] | null> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new Error(`Cannot read the sample ${path}: ${systemReason(error)}`, { cause: error });
  }
  const ids = decodeUtf8(bytes, path).split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    const source = `${path}:${i + 1}`;
    const explain = (why: string) => `Cannot read the sample ${source}: ${why}; remove the file`;
    return [fitted(splitSchema, parseStrictJson(line, { source }), explain).id];
  });
  const twice = ids.find((id, i) => ids.indexOf(id) < i);
  if (twice !== undefined || ids.length === 0) {
    throw new Error(
      `Cannot use the sample ${path}: ${
        twice === undefined ? "it is empty" : `the id ${twice} stands twice`
      }; remove the file`,
    );
  }
  return ids;
}

/** The records of one model, a log for each experiment and setting, open at once. */
export class AbilityLogs implements Disposable {
  readonly #stack = new DisposableStack();
  readonly #logs = new Map<string, RecordLog<AbilityRecord>>();

  /**
   * @param run The run's folder.
   * @param folder From {@linkcode modelFolder}.
   * @throws {Error} if a log is damaged or, with `existing`, gone, or another run is writing it.
   */
  constructor(
    run: string,
    folder: string,
    experiments: readonly Experiment[],
    { existing = false } = {},
  ) {
    try {
      for (const experiment of experiments) {
        for (const setting of experiment.settings) {
          const log = RecordLog.open(join(run, recordsPath(folder, experiment, setting)), {
            schema: abilityRecordSchema as z.ZodType<AbilityRecord>,
            id: ({ id }) => id,
            existing,
          });
          this.#logs.set(JSON.stringify([experiment.name, setting.name]), this.#stack.use(log));
        }
      }
    } catch (error) {
      this.#stack.dispose();
      throw error;
    }
  }

  /** The records of answers to these questions, in their order. */
  recordsOf(asked: readonly Asked[]): AbilityRecord[] {
    return asked.flatMap(({ experiment, setting, question }) =>
      this.find(experiment.name, setting.name, question.id) ?? []
    );
  }

  /** The record of an answer. */
  find(experiment: string, setting: string, id: string): AbilityRecord | undefined {
    return this.#logs.get(JSON.stringify([experiment, setting]))?.records.get(id);
  }

  /** @throws {Error} if a log has been removed meanwhile. */
  confirm() {
    for (const log of this.#logs.values()) log.confirm();
  }

  append(record: AbilityRecord) {
    this.#logs.get(JSON.stringify([record.dataset, record.setting]))!.append(record);
  }

  [Symbol.dispose]() {
    this.#stack.dispose();
  }
}
