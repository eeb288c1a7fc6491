/**
 * Vision localization kept on disk, in the original's files: resumed swap by swap.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../atomic_write.ts";
import {
  benchmarkTitle,
  findBenchmark,
  loadVisionPairs,
  NotRunError,
  VISION_TASKS,
  type VisionPair,
  type VisionTask,
} from "../benchmarks/mod.ts";
import { listText } from "../list_text.ts";
import { checkLayers } from "../model/mod.ts";
import {
  controlKey,
  controlRecordSchema,
  pairKey,
  reportVision,
  visionKey,
  visionLocalization,
  visionRecordSchema,
  type VisionReport,
} from "../probing/mod.ts";
import type { ProgressListener } from "../progress.ts";
import { claimFolder } from "./probing_folder.ts";
import { LazyModel, type ProbedModel } from "./probing_model.ts";
import { provenance } from "./provenance.ts";
import { RecordLog } from "./record_log.ts";
import { hashFile, hashJson, type RunIdentity } from "./run_identity.ts";

/** Raised when a change of code changes results. */
const VERSION = 1;

/** Names of the files in the output folder. */
export const VISION_FILES = {
  records: "layer_swap_results.jsonl",
  summary: "layer_swap_summary.json",
  controls: "layer_swap_controls.jsonl",
  run: "run.json",
} as const;

/** Options of {@linkcode storedVisionLocalization}. */
export interface StoredVisionOptions {
  /** Folder of the results. */
  output: string;
  /** Puts them into a folder of their own in there, named by model, data and options. */
  keyed?: boolean;
  /** Where the pairs are from: "embedded" or a folder. */
  data: string;
  /** Default all that the data have. */
  tasks?: readonly string[];
  /** Pairs of each task, from the first on; default 50. */
  numSamples?: number;
  /** First layers of the swaps; default every layer. */
  layers?: readonly number[];
  /** Tokens of an answer at most; default 64. */
  maxNewTokens?: number;
  /** Throws away what the folder holds. */
  overwrite?: boolean;
  /** Bytes of a batch; does not change results. */
  memoryBytes?: number;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

function checkTasks(tasks: readonly string[]): VisionTask[] {
  const known = VISION_TASKS.filter((task) => tasks.includes(task));
  const unknown = tasks.filter((task) => !VISION_TASKS.some((name) => name === task));
  if (unknown.length > 0 || known.length === 0) {
    throw new Error(
      `Unknown task ${listText(unknown.map((task) => JSON.stringify(task))) || '""'}: there are ` +
        VISION_TASKS.join(", "),
    );
  }
  return known;
}

/** What is asked: pairs, and where each task's are from. */
interface FoundPairs {
  pairs: VisionPair[];
  sources: Map<VisionTask, string>;
}

/** The tasks' pairs; of tasks that nobody asked for by name, those that the data have. */
async function findPairs(
  { data, numSamples = 50, tasks: named }: StoredVisionOptions,
): Promise<FoundPairs> {
  const found: FoundPairs = { pairs: [], sources: new Map() };
  const missing: NotRunError[] = [];
  for (const task of checkTasks(named ?? VISION_TASKS)) {
    try {
      const { source, path } = await findBenchmark(task, data);
      found.sources.set(task, source);
      found.pairs.push(...(await loadVisionPairs(path, task)).slice(0, numSamples));
    } catch (error) {
      if (!(error instanceof NotRunError) || named) throw error;
      missing.push(error);
    }
  }
  if (found.sources.size === 0) throw missing[0];
  return found;
}

/** Identifies the pairs of each task by all that reaches the model or a record. */
async function hashPairs(pairs: readonly VisionPair[]): Promise<Record<string, string>> {
  const parts = [];
  for (const { targetImage, sourceImage, meta: _, ...rest } of pairs) {
    parts.push({ rest, images: [await hashFile(targetImage), await hashFile(sourceImage)] });
  }
  const tasks = Map.groupBy(parts, ({ rest }) => rest.task);
  return Object.fromEntries([...tasks].map(([task, parts]) => [task, hashJson(parts)]));
}

/**
 * Vision localization of a model, kept in `output`: what is there already is not computed again.
 *
 * @throws {NotRunError} if the data have no pairs of a task that was asked for, or of any.
 * @throws {Error} if the folder holds results of another model, other data or other options; if a
 * task, layer or pair is at fault; or if the control changed an answer (the results then stand).
 */
export async function storedVisionLocalization(
  probed: ProbedModel,
  options: StoredVisionOptions,
): Promise<VisionReport> {
  const { numSamples = 50, maxNewTokens = 64, overwrite } = options;
  const { memoryBytes, onProgress, signal } = options;
  await using lazy = new LazyModel(probed);
  const { numLayers } = lazy;
  const layers = [...new Set(options.layers ?? Array.from({ length: numLayers }, (_, i) => i))]
    .sort((a, b) => a - b);
  checkLayers(layers, numLayers, "swap visual tokens from");
  if (layers.length === 0) throw new Error("Cannot localize vision over no layers: name one");
  if (!Number.isInteger(numSamples) || numSamples < 1) {
    throw new RangeError(`Cannot take ${numSamples} samples a task: it must be 1 or more`);
  }
  const { pairs, sources } = await findPairs(options);
  const tasks = [...sources.keys()];
  const basis = Object.fromEntries(tasks.map((task) => [task, {
    benchmark: benchmarkTitle(task),
    data: sources.get(task)!,
    n: pairs.filter((pair) => pair.task === task).length,
    grader: "comparison of answers",
    describer: null,
  }]));
  const identity: RunIdentity = {
    experiment: "localization_vision",
    version: VERSION,
    models: { model: await lazy.identity() },
    data: { ...await hashPairs(pairs), num_samples: numSamples },
    options: { layers, max_new_tokens: maxNewTokens },
  };
  const output = options.keyed ? join(options.output, hashJson(identity)) : options.output;
  await claimFolder(output, {
    file: VISION_FILES.run,
    identity,
    about: { model: probed.name, basis, ...await provenance() },
    logs: [VISION_FILES.records, VISION_FILES.controls],
    outputs: [VISION_FILES.summary],
    overwrite,
  });
  using records = RecordLog.open(join(output, VISION_FILES.records), {
    schema: visionRecordSchema,
    id: visionKey,
  });
  using controls = RecordLog.open(join(output, VISION_FILES.controls), {
    schema: controlRecordSchema,
    id: controlKey,
  });
  const complete = pairs.every((pair) =>
    controls.records.has(pairKey(pair)) &&
    layers.every((layer) => records.records.has(`${pairKey(pair)}/${layer}`))
  );
  if (!complete) {
    await visionLocalization(await lazy.open(), pairs, {
      layers,
      maxNewTokens,
      // The logs grow under way: a batch must see what was there when it was planned.
      done: new Map(records.records),
      doneControls: new Map(controls.records),
      onRecord: (record) => records.append(record),
      onControl: (record) => controls.append(record),
      onProgress,
      signal,
      memoryBytes,
    });
  }
  for (const log of [records, controls]) log.confirm();
  const report = reportVision(
    { records: [...records.records.values()], controls: [...controls.records.values()] },
    { tasks, layers, numLayers, numSamples, basis },
  );
  await writeAtomically(
    join(output, VISION_FILES.summary),
    JSON.stringify(report, null, 2) + "\n",
  );
  if (report.control.changed > 0) {
    throw new Error(
      `The control of ${output} failed: an image swapped with itself changed ` +
        `${report.control.changed} of ${report.control.pairs} answers, where none may change; see ` +
        VISION_FILES.controls,
    );
  }
  return report;
}
