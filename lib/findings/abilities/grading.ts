/**
 * Judging stored answers, and the summaries that follow from records.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../../atomic_write.ts";
import type { Grading } from "../../benchmarks/grading/mod.ts";
import { experimentNamed } from "./experiment_types.ts";
import { type AbilityRecord, abilityRecordSchema } from "./records.ts";
import { type ExperimentSummary, summariseExperiment } from "./summary.ts";
import { inParallel } from "../../in_parallel.ts";
import { modelPathName, type Pass, RecordLog, type UpdatableSink } from "../../experiments/mod.ts";
import type { ProgressListener } from "../../progress.ts";
import type { AnswerJudge } from "../../serving/mod.ts";
import { ABILITY_FILES, findRecords } from "./folder.ts";
import type { AskedQuestion } from "./questions.ts";

/** What judging needs of a record, in the order of the files: the original's have these fields too. */
const storedSchema = abilityRecordSchema.partial().required({
  ...{ question: true, gold_answer: true, predicted: true, correct: true },
  ...{ dataset: true, model: true, setting: true },
}).extend({ id: z.coerce.string(), correct_gpt: z.boolean().nullish() }).loose();

type StoredRecord = z.infer<typeof storedSchema>;

/** Options of {@linkcode regradeRun}. */
export interface GradeRecordsOptions {
  judge: AnswerJudge;
  /** Whose reading of the response the judge is shown; default "sound". */
  grading?: Grading;
  /** Answers that are judged at a time; default 8. */
  concurrency?: number;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** What judging changed. */
export interface GradedRecords {
  /** Records that have a verdict now and had none. */
  graded: number;
  /** Those whose verdict is not what the rules said. */
  flipped: number;
}

function open(path: string): RecordLog<StoredRecord> {
  return RecordLog.open(path, { schema: storedSchema, id: ({ id }) => id });
}

/** A cut-off answer is wrong; nobody needs to be asked. */
function awaitsVerdict({ correct_gpt, timed_out }: StoredRecord): boolean {
  return (correct_gpt ?? null) === null && timed_out !== true;
}

/** What the rules say of an answer: a verdict, and which text they took for it. */
function ruled(record: StoredRecord, grading: Grading) {
  const { predicted, correct, predicted_sound, correct_sound } = record;
  return grading === "sound"
    ? { correct: correct_sound ?? correct, read: predicted_sound || predicted }
    : { correct, read: predicted };
}

async function judged<R extends StoredRecord>(
  record: R,
  { judge, grading = "sound", signal }: GradeRecordsOptions,
): Promise<R> {
  const { id, dataset, model, setting, question, gold_answer: gold } = record;
  const { read: response } = ruled(record, grading);
  const key = `${dataset}_${id}_${modelPathName(model)}_${setting}`;
  const { correct, grade } = await judge.judge({ key, question, gold, response }, { signal });
  if (correct === null) return record;
  const verdict = { correct_gpt: correct, gpt_grade: grade, correct_primary: correct };
  return { ...record, ...verdict, graded_by: judge.model };
}

/**
 * Judges every record without a verdict. Verdicts that came before a failure are kept.
 *
 * @throws {Error} if the judge fails.
 */
async function gradeRecords<R extends StoredRecord>(
  records: UpdatableSink<R>,
  options: GradeRecordsOptions,
): Promise<GradedRecords> {
  const { grading = "sound", concurrency = 8, onProgress, signal } = options;
  const waiting = [...records.records.values()].filter(awaitsVerdict);
  const changed: R[] = [];
  let [done, flipped] = [0, 0];
  try {
    await inParallel(waiting, { concurrency, signal }, async (before) => {
      const after = await judged(before, options);
      if (after !== before) {
        changed.push(after);
        if (after.correct_gpt !== ruled(before, grading).correct) flipped++;
      }
      onProgress?.({ label: "judging", done: ++done, total: waiting.length, unit: "samples" });
    });
  } finally {
    if (changed.length > 0) await records.update(changed);
  }
  return { graded: changed.length, flipped };
}

/** Removes the summaries beside records, which are stale when a record changes. */
async function removeSummaries(run: string, records: readonly string[]) {
  for (const folder of new Set(records.map((path) => dirname(path)))) {
    await Deno.remove(join(run, folder, ABILITY_FILES.summary)).catch(() => {});
  }
}

/** What {@linkcode judgePass} takes. */
export interface JudgePassOptions extends Pick<GradeRecordsOptions, "judge" | "grading"> {
  /** The run's folder, and where in it the models' results are. */
  folder: string;
  places: readonly string[];
  records: UpdatableSink<AbilityRecord>;
  log: (line: string) => void;
}

/** Judges the answers that have no verdict yet. */
export function judgePass(
  { folder, places, records, log, ...options }: JudgePassOptions,
): Pass<AskedQuestion, undefined> {
  return {
    isComplete: () => ![...records.records.values()].some(awaitsVerdict),
    run: async (_model, _samples, { onProgress, signal } = {}) => {
      const own = findRecords(folder).filter((path) => places.includes(dirname(dirname(path))));
      await removeSummaries(folder, own);
      const { graded, flipped } = await gradeRecords(records, { ...options, onProgress, signal });
      log(`Judged ${graded} answers; ${flipped} verdicts are not the rules'`);
    },
  };
}

const writeJson = (path: string, value: unknown) =>
  writeAtomically(path, JSON.stringify(value, null, 2) + "\n");

/** The summary of one experiment's folder; null if it has no records of a known experiment. */
function summaryOf(run: string, paths: readonly string[]): ExperimentSummary | null {
  const experiment = experimentNamed(basename(dirname(paths[0])));
  const records = paths.flatMap((path) => {
    using log = open(join(run, path));
    return [...log.records.values()];
  });
  if (!experiment || records.length === 0) return null;
  return summariseExperiment(records, { experiment, model: records[0].model });
}

/**
 * Writes summary.json of every experiment in a run's folder, and paper_metrics.json over all models
 * that it has.
 *
 * @param places Folders of models' results, relative to the run's, whose summaries are written;
 * default all. In the metrics they go before others of the same name.
 * @returns The summaries that were written.
 */
export async function writeSummaries(
  run: string,
  places?: readonly string[],
): Promise<ExperimentSummary[]> {
  const written: ExperimentSummary[] = [];
  const others: ExperimentSummary[] = [];
  const folders = Map.groupBy(findRecords(run), (path) => dirname(path));
  for (const [folder, paths] of folders) {
    const summary = summaryOf(run, paths);
    if (!summary) continue;
    const own = places?.includes(dirname(folder)) ?? true;
    (own ? written : others).push(summary);
    if (own) await writeJson(join(run, folder, ABILITY_FILES.summary), summary);
  }
  const metrics: Record<string, Record<string, unknown>> = {};
  const measures = (fields: Readonly<Record<string, unknown>>, ending = "") =>
    Object.entries(fields).filter(([field]) => field.startsWith("M_"))
      .map(([field, value]) => [`${field}${ending}`, value]);
  for (const summary of [...others, ...written]) {
    const own = [...measures(summary), ...measures(summary.sound ?? {}, "_sound")];
    metrics[summary.model] = { ...metrics[summary.model], ...Object.fromEntries(own) };
  }
  await writeJson(join(run, ABILITY_FILES.metrics), metrics);
  return written;
}

/**
 * Judges every record of a run that has no verdict yet, rewrites the records, and makes summaries
 * and metrics anew. No model is run. Folders of the original are taken too.
 *
 * @throws {Error} if the folder has no results, or the judge fails; verdicts until then are kept.
 */
export async function regradeRun(
  run: string,
  options: GradeRecordsOptions,
): Promise<GradedRecords> {
  const paths = findRecords(run);
  if (paths.length === 0) {
    throw new Error(`Cannot regrade ${run}: there are no records in ${ABILITY_FILES.results}/`);
  }
  const total: GradedRecords = { graded: 0, flipped: 0 };
  {
    using stack = new DisposableStack();
    const logs = paths.map((path) => ({ path, log: stack.use(open(join(run, path))) }));
    for (const { path, log } of logs) {
      if (![...log.records.values()].some(awaitsVerdict)) continue;
      await removeSummaries(run, [path]);
      const { graded, flipped } = await gradeRecords(log, options);
      total.graded += graded;
      total.flipped += flipped;
    }
  }
  await writeSummaries(run);
  return total;
}
