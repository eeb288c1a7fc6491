/**
 * What a run needs of the hub, fetched before it.
 *
 * @module
 */
import { findBenchmark, MATHS_DATASETS, VISION_TASKS } from "../benchmarks/mod.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import { NotRunError } from "../not_run_error.ts";
import { firstCheckpoint } from "./ability_names.ts";
import { askQuestions, modelRecords, type ReproduceOptions, selectNotebooks } from "./reproduce.ts";
import type { Study } from "./study.ts";

const BENCHMARKS = [...VISION_TASKS, ...MATHS_DATASETS, "mathvista"] as const;

/**
 * Fetches the checkpoints of the selected notebooks, that of the describer, and the questions as far
 * as the data have them. What the cache has is not fetched again.
 *
 * @returns Names of checkpoints and paths of files that are there now.
 * @throws {Error} if a checkpoint cannot be had.
 */
export async function prefetch(
  study: Study,
  { only, onProgress, signal }: Pick<ReproduceOptions, "only" | "onProgress" | "signal">,
): Promise<string[]> {
  const selected = selectNotebooks(only);
  const models = await modelRecords(study, selected, { onProgress, signal });
  const there = Object.values(models).map(({ reference }) => reference);
  const { describer, recipe } = study;
  const describing = describer &&
    firstCheckpoint([describer], { ...recipe.variants, ...recipe.models });
  if (describing) there.push((await resolveModel(describing, { onProgress, signal })).ref);
  for (const name of await askQuestions(selected) ? BENCHMARKS : []) {
    try {
      there.push((await findBenchmark(name, study.data, { signal })).path);
    } catch (error) {
      if (!(error instanceof NotRunError)) throw error;
    }
  }
  return [...new Set(there)];
}
