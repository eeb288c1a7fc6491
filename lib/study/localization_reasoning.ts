/**
 * Reasoning localization kept on disk, in the original's files: resumed answer by answer.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../atomic_write.ts";
import {
  benchmarkTitle,
  findBenchmark,
  loadMaths,
  type MathsDataset,
  modelKind,
} from "../benchmarks/mod.ts";
import type { Grading } from "../benchmarks/grading/mod.ts";
import type { HubDatasetOptions } from "../checkpoint/hub/mod.ts";
import { sampleIndices } from "../statistics/mod.ts";
import { checkLayers } from "../model/mod.ts";
import {
  ablationName,
  ablationSummary,
  reasoningKey,
  reasoningLocalization,
  type ReasoningProblem,
  type ReasoningRecord,
  reasoningRecordSchema,
  type ReasoningReport,
  reportReasoning,
} from "../probing/mod.ts";
import type { ProgressListener } from "../progress.ts";
import { claimFolder } from "./probing_folder.ts";
import { LazyModel, type ProbedModel } from "./probing_model.ts";
import { provenance } from "./provenance.ts";
import { RecordLog } from "./record_log.ts";
import { GRADING_VERSION, hashJson, type RunIdentity } from "./run_identity.ts";

/** Raised when a change of code changes results. */
const VERSION = 1;

/** Names of the files in the output folder. */
const REASONING_FILES = {
  config: "config.json",
  all: "all_results.json",
  report: "report.json",
} as const;

/** Options of {@linkcode storedReasoningLocalization}. */
export interface StoredReasoningOptions extends Pick<HubDatasetOptions, "cacheDir" | "offline"> {
  /** Folder of the model's results; those of a dataset go to a folder of its name. */
  output: string;
  /** Puts them into a folder of their own in there, named by model, data and options. */
  keyed?: boolean;
  dataset: MathsDataset;
  /** Where the problems are from: "embedded", "hub" or a folder. */
  data: string;
  /** How the model was trained to be asked; default read off its name. */
  kind?: string;
  /** Problems drawn; default 100. */
  sampleSize?: number;
  /** Seed of the draw; default 123, the paper's. */
  sampleSeed?: number;
  /** Tokens of a response at most; default 2048. */
  maxNewTokens?: number;
  /** Layers to leave out, one at a time; default every layer. */
  layers?: readonly number[];
  /** The grading that counts in the report; default "sound". */
  grading?: Grading;
  /** Throws away what the folder holds. */
  overwrite?: boolean;
  /** Bytes of a batch; does not change results. */
  memoryBytes?: number;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** Path of an experiment's answers, relative to the output folder. */
function recordsPath(layer: number, dataset: string): string {
  return join("results", ablationName(layer), `${dataset}.jsonl`);
}

/** The logs of all experiments, open at once. */
class AblationLogs implements Disposable {
  readonly #stack = new DisposableStack();
  readonly #logs = new Map<number, RecordLog<ReasoningRecord>>();

  constructor(folder: string, dataset: string, layers: readonly number[]) {
    try {
      for (const layer of layers) {
        const log = RecordLog.open(join(folder, recordsPath(layer, dataset)), {
          schema: reasoningRecordSchema,
          id: reasoningKey,
        });
        this.#logs.set(layer, this.#stack.use(log));
      }
    } catch (error) {
      this.#stack.dispose();
      throw error;
    }
  }

  get records(): Map<string, ReasoningRecord> {
    return new Map([...this.#logs.values()].flatMap(({ records }) => [...records]));
  }

  /** @throws {Error} if a log has been removed meanwhile. */
  confirm() {
    for (const log of this.#logs.values()) log.confirm();
  }

  append(record: ReasoningRecord) {
    this.#logs.get(record.ablated_layer)!.append(record);
  }

  [Symbol.dispose]() {
    this.#stack.dispose();
  }
}

async function writeJson(path: string, value: unknown) {
  await writeAtomically(path, JSON.stringify(value, null, 2) + "\n");
}

async function drawProblems(
  options: StoredReasoningOptions,
): Promise<{ problems: ReasoningProblem[]; source: string }> {
  const { dataset, data, sampleSize = 100, sampleSeed = 123 } = options;
  const { source, path } = await findBenchmark(dataset, data, options);
  const all = await loadMaths(dataset, path);
  if (!Number.isInteger(sampleSize) || sampleSize < 1) {
    throw new RangeError(`Cannot draw ${sampleSize} problems: it must be 1 or more`);
  }
  const drawn = sampleIndices(all.length, { size: sampleSize, seed: sampleSeed });
  return { problems: drawn.map((i) => all[i]), source };
}

/**
 * Reasoning localization of a model on one dataset, kept in `output/DATASET`: what is there already
 * is not computed again.
 *
 * @throws {NotRunError} if the data have no such problems.
 * @throws {Error} if the folder holds results of another model, other data or other options, or if a
 * layer or problem is at fault.
 */
export async function storedReasoningLocalization(
  probed: ProbedModel,
  options: StoredReasoningOptions,
): Promise<ReasoningReport> {
  const { dataset, sampleSize = 100, sampleSeed = 123, maxNewTokens = 2048, overwrite } = options;
  const { memoryBytes, onProgress, signal } = options;
  await using lazy = new LazyModel(probed);
  const { numLayers } = lazy;
  const layers = [...new Set(options.layers ?? Array.from({ length: numLayers }, (_, i) => i))]
    .sort((a, b) => a - b);
  checkLayers(layers, numLayers, "ablate");
  const kind = modelKind(probed.name, options.kind);
  const { problems, source } = await drawProblems(options);
  const basis = {
    [dataset]: {
      benchmark: benchmarkTitle(dataset),
      data: source,
      n: problems.length,
      grader: "rules",
      describer: null,
    },
  };
  const identity: RunIdentity = {
    experiment: "localization_reasoning",
    version: VERSION,
    grading: GRADING_VERSION,
    models: { model: { ...await lazy.identity(), model_type: kind } },
    data: { [dataset]: hashJson(problems), sample_size: sampleSize, sample_seed: sampleSeed },
    options: { max_new_tokens: maxNewTokens, layers },
  };
  const parent = options.keyed ? join(options.output, hashJson(identity)) : options.output;
  const folder = join(parent, dataset);
  const experiments = [-1, ...layers];
  await claimFolder(folder, {
    file: REASONING_FILES.config,
    identity,
    about: { model: probed.name, basis, ...await provenance() },
    logs: experiments.map((layer) => recordsPath(layer, dataset)),
    outputs: ["results", REASONING_FILES.all, REASONING_FILES.report],
    overwrite,
  });
  await writeAtomically(
    join(folder, "splits", `${dataset}_seed${sampleSeed}_n${sampleSize}.jsonl`),
    problems.map(({ id }) => JSON.stringify({ id }) + "\n").join(""),
  );
  using logs = new AblationLogs(folder, dataset, experiments);
  const done = logs.records;
  if (done.size < problems.length * experiments.length) {
    await reasoningLocalization(await lazy.open(), problems, {
      kind,
      modelName: probed.name,
      layers,
      maxNewTokens,
      done,
      onRecord: (record) => logs.append(record),
      label: `reasoning localization, ${dataset}`,
      onProgress,
      signal,
      memoryBytes,
    });
  }
  logs.confirm();
  const records = [...logs.records.values()];
  const summaries = experiments.map((layer) => ablationSummary(records, layer));
  for (const summary of summaries) {
    await writeJson(join(folder, "results", summary.experiment, "summary.json"), summary);
  }
  await writeJson(join(folder, REASONING_FILES.all), summaries);
  const report = reportReasoning(records, {
    grading: options.grading,
    basis,
    dataset,
    model: probed.name,
    layers,
    numLayers,
  });
  await writeJson(join(folder, REASONING_FILES.report), report);
  return report;
}
