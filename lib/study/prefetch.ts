/**
 * What a run needs of the hub, fetched before it.
 *
 * @module
 */
import { findBenchmark, MATHS_DATASETS, VISION_TASKS } from "../benchmarks/mod.ts";
import { NotRunError } from "../not_run_error.ts";
import { modelRecords, type ReproduceOptions, selectNotebooks } from "./reproduce.ts";
import type { Study } from "./study.ts";

/**
 * Fetches the checkpoints of the selected notebooks, and the questions as far as the data have them.
 *
 * @returns Folders and files that are there now.
 * @throws {Error} if a checkpoint cannot be had.
 */
export async function prefetch(
  study: Study,
  { only, onProgress, signal }: Pick<ReproduceOptions, "only" | "onProgress" | "signal">,
): Promise<string[]> {
  const models = await modelRecords(study, selectNotebooks(only), { onProgress, signal });
  const there = Object.values(models).map(({ reference }) => reference);
  for (const name of [...VISION_TASKS, ...MATHS_DATASETS, "mathvista"] as const) {
    try {
      there.push((await findBenchmark(name, study.data)).path);
    } catch (error) {
      if (!(error instanceof NotRunError)) throw error;
    }
  }
  return there;
}
