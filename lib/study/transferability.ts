/**
 * The transferability experiments kept on disk, in the original's files: resumed answer by answer.
 *
 * @module
 */
import { join } from "node:path";
import { appendText } from "../atomic_write.ts";
import type { AnswerJudge, ImageDescriber, LocalEvaluatorOptions } from "../serving/mod.ts";
import {
  type AbilityReport,
  benchmarkOf,
  type Experiment,
  EXPERIMENTS,
  type ExperimentType,
  isDescribed,
  questionHash,
  reportAbilities,
} from "../evaluation/mod.ts";
import type { Grading } from "../benchmarks/grading/mod.ts";
import type { HubDatasetOptions } from "../checkpoint/hub/mod.ts";
import type { ProgressListener } from "../progress.ts";
import { answerQuestions } from "./ability_answers.ts";
import { claimModels } from "./ability_claims.ts";
import {
  ABILITY_FILES,
  AbilityLogs,
  findRecords,
  modelFolder,
  recordsPath,
} from "./ability_folder.ts";
import { gradeRecords, writeSummaries } from "./ability_grading.ts";
import type { AbilityModel } from "./ability_models.ts";
import {
  type Asked,
  askedIn,
  describeQuestions,
  findSamples,
  type FoundSamples,
  hashSamples,
  writeSplits,
} from "./ability_questions.ts";
import { copyReused, reusableRecords } from "./ability_reuse.ts";
import { claimFolder } from "../experiments/mod.ts";
import { partOf, PartRecorded, type Shard } from "../shard.ts";
import { provenance } from "../experiments/mod.ts";
import { GRADING_VERSION, hashJson, type RunIdentity } from "../experiments/mod.ts";

/** Raised when a change of code changes results. */
const VERSION = 1;

/** Options of {@linkcode storedTransferability}. */
export interface StoredTransferabilityOptions
  extends LocalEvaluatorOptions, Pick<HubDatasetOptions, "cacheDir" | "offline"> {
  /** The run's folder. */
  output: string;
  /**
   * Puts the run into a folder of its own in there, named by data and options, and a model's results
   * into one named by what decides its answers: none is ever refused.
   */
  keyed?: boolean;
  /**
   * Which models answer in the same batches, by name; default: all. Answers of models in other
   * lists, and of those that join the run later, change nothing of theirs.
   */
  together?: readonly (readonly string[])[];
  /** Default "v1". */
  experimentType?: ExperimentType;
  /** Samples drawn for each experiment; default 100. */
  sampleSize?: number;
  /** Seed of the draws; default 123, the paper's. */
  sampleSeed?: number;
  /** Tokens of a response at most; default 2048. */
  maxNewTokens?: number;
  /** Default 0: greedy. */
  temperature?: number;
  /** Seconds after which an answer is cut off and counts as wrong; default 1200. */
  timeoutSeconds?: number;
  /** Where the benchmarks are from: "embedded", "hub" or a folder. */
  data: string;
  /** Decides which answers are right, where the rules otherwise do. */
  judge?: AnswerJudge;
  /** Describes images in words, where the dataset's own descriptions are otherwise shown. */
  describer?: ImageDescriber;
  /** Folder of an earlier run whose cache, samples and agreeing records are taken over. */
  reuseFrom?: string;
  /** The grading that counts in the report, where no judge graded; default "sound". */
  grading?: Grading;
  /** More to say in config.json. */
  config?: Readonly<Record<string, unknown>>;
  /** Throws away what the folder holds. */
  overwrite?: boolean;
  /** Does this part of the work, and makes no report. */
  shard?: Shard;
  /** Receives the lines that also go to logs/experiment.log. */
  onLog?: (line: string) => void;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

type Defaults = Required<
  Pick<
    StoredTransferabilityOptions,
    "experimentType" | "sampleSize" | "sampleSeed" | "maxNewTokens" | "temperature"
  >
>;

function checkNumbers(
  { sampleSize, maxNewTokens, temperature, timeoutSeconds = 1200 }:
    & Defaults
    & StoredTransferabilityOptions,
) {
  if (!Number.isInteger(sampleSize) || sampleSize < 1) {
    throw new RangeError(`Cannot draw ${sampleSize} samples: it must be 1 or more`);
  }
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1) {
    throw new RangeError(`Cannot generate ${maxNewTokens} new tokens: it must be 1 or more`);
  }
  if (!(temperature >= 0)) {
    throw new RangeError(`Cannot sample at temperature ${temperature}: it must be 0 or more`);
  }
  if (!(timeoutSeconds > 0)) {
    throw new RangeError(`Cannot answer within ${timeoutSeconds} seconds: it must be above 0`);
  }
}

/** One run of {@linkcode storedTransferability}. */
class TransferabilityRun {
  #experiments: readonly Experiment[];
  #folder = "";
  #identity!: RunIdentity;

  constructor(
    readonly models: readonly AbilityModel[],
    readonly options: StoredTransferabilityOptions & Defaults,
  ) {
    this.#experiments = EXPERIMENTS[options.experimentType];
  }

  async run(): Promise<AbilityReport> {
    const { output, keyed, overwrite, reuseFrom, describer, shard } = this.options;
    const runs = [...keyed || overwrite ? [] : [output], ...reuseFrom ? [reuseFrom] : []];
    const found = await findSamples(this.#experiments, {
      ...this.options,
      described: describer !== undefined,
      runs,
    });
    const { samples } = found;
    this.#experiments = samples.map(({ experiment }) => experiment);
    await this.#claim(found);
    const lists = this.#lists();
    const groups = await claimModels(this.#folder, lists, (model) => this.#place(model));
    const part = samples.map(({ experiment, questions }) => ({
      experiment,
      questions: partOf(questions, shard),
    }));
    if (describer) await describeQuestions(part, { ...this.options, describer });
    const asked = askedIn(part);
    {
      await using stack = new AsyncDisposableStack();
      const open = (model: AbilityModel) =>
        stack.use(new AbilityLogs(this.#folder, this.#place(model), this.#experiments));
      const logs = new Map(this.models.map((model) => [model.name, open(model)]));
      await this.#reuse(asked, logs);
      const { precision, device, threads, memoryBytes, maxRows, workers } = this.options;
      const { maxNewTokens, temperature, timeoutSeconds = 1200, onProgress, signal } = this.options;
      await answerQuestions(groups, asked, {
        logs,
        describedBy: describer?.model ?? "dataset",
        run: { precision, device, threads, memoryBytes, maxRows, workers },
        maxNewTokens,
        temperature,
        timeoutSeconds,
        onModels: (names) => this.#log(...names.map((name) => `Model: ${name}`)),
        onProgress,
        signal,
      });
      for (const log of logs.values()) log.confirm();
    }
    if (shard) throw new PartRecorded(shard);
    return await this.#finish(found);
  }

  /** Models by who answers in the same batches; those of no list have one. */
  #lists(): AbilityModel[][] {
    const { together = [] } = this.options;
    const listOf = ({ name }: AbilityModel) => together.findIndex((names) => names.includes(name));
    const lists = Map.groupBy(this.models, listOf);
    return [...lists].sort(([a], [b]) => a - b).map(([, models]) => models);
  }

  /** Where a model's results are. */
  #place({ name, identity }: AbilityModel): string {
    return modelFolder(name, this.options.keyed ? identity : undefined);
  }

  #log(...lines: string[]) {
    appendText(join(this.#folder, ABILITY_FILES.log), lines.map((line) => `${line}\n`).join(""));
    for (const line of lines) this.options.onLog?.(line);
  }

  async #claim({ samples, sources, notRun }: FoundSamples) {
    const { output, keyed, overwrite = false, describer, judge, reuseFrom, config } = this.options;
    const { experimentType, sampleSize, sampleSeed, maxNewTokens, temperature } = this.options;
    // Its models have folders of their own, with identities of their own.
    const identity: RunIdentity = {
      experiment: "transferability",
      version: VERSION,
      grading: GRADING_VERSION,
      data: {
        ...hashSamples(samples, !describer),
        sample_size: sampleSize,
        sample_seed: sampleSeed,
        descriptions: describer?.identity ?? "dataset",
      },
      options: { experiment_type: experimentType, max_new_tokens: maxNewTokens, temperature },
    };
    this.#identity = identity;
    const basis = Object.fromEntries(samples.map(({ experiment, questions }) => [
      experiment.ability,
      {
        benchmark: benchmarkOf(experiment),
        data: sources[experiment.dataset],
        n: questions.length,
        grader: judge?.model ?? "rules",
        describer: experiment.settings.some(isDescribed) ? describer?.model ?? "dataset" : null,
      },
    ]));
    this.#folder = keyed ? join(output, hashJson(identity)) : output;
    await claimFolder(this.#folder, {
      file: ABILITY_FILES.config,
      identity,
      about: { ...config, basis, not_run: notRun, ...await provenance() },
      logs: findRecords(this.#folder),
      outputs: [ABILITY_FILES.results, ABILITY_FILES.metrics, ABILITY_FILES.log],
      overwrite,
    });
    if (overwrite) {
      for (const name of [ABILITY_FILES.results, ABILITY_FILES.splits, ABILITY_FILES.metrics]) {
        await Deno.remove(join(this.#folder, name), { recursive: true }).catch(() => {});
      }
    }
    if (reuseFrom !== undefined) await copyReused(reuseFrom, this.#folder);
    await writeSplits(this.#folder, samples, this.options);
    this.#log(
      "=".repeat(60),
      `Run: ${this.#folder}`,
      `Experiment type: ${experimentType}, ${this.models.length} models, ${sampleSize} samples, ` +
        `seed ${sampleSeed}`,
      `Descriptions: ${describer?.model ?? "dataset"}, grading: ${judge?.model ?? "rules"}`,
      ...Object.entries(notRun).map(([ability, reason]) => `Not run: ${ability}. ${reason}`),
    );
  }

  async #reuse(asked: readonly Asked[], logs: ReadonlyMap<string, AbilityLogs>) {
    const { reuseFrom } = this.options;
    if (reuseFrom === undefined) return;
    for (const model of this.models) {
      const log = logs.get(model.name)!;
      let count = 0;
      const reusable = await reusableRecords(reuseFrom, model, this.#identity);
      for (const { experiment, setting, question } of asked) {
        if (log.find(experiment.name, setting.name, question.id)) continue;
        const record = reusable(experiment.name, setting.name, question.id);
        if (record?.question_hash !== questionHash(question, setting.inputType)) continue;
        log.append(record);
        count++;
      }
      this.#log(`Reused ${count} of ${asked.length} records of ${model.name} from ${reuseFrom}`);
    }
  }

  /** Judges, sums up, reports. */
  async #finish({ samples, sources, notRun }: FoundSamples): Promise<AbilityReport> {
    const { judge, grading, onProgress, signal } = this.options;
    const places = this.models.map((model) => this.#place(model));
    if (judge) {
      const paths = places.flatMap((place) =>
        this.#experiments.flatMap((experiment) =>
          experiment.settings.map((setting) =>
            join(this.#folder, recordsPath(place, experiment, setting))
          )
        )
      );
      const { graded, flipped } = await gradeRecords(paths, { judge, grading, onProgress, signal });
      this.#log(`Judged ${graded} answers; ${flipped} verdicts are not the rules'`);
    }
    for (const summary of await writeSummaries(this.#folder, places)) {
      this.#log(JSON.stringify(summary));
    }
    const asked = askedIn(samples);
    const records = places.flatMap((place) => {
      using logs = new AbilityLogs(this.#folder, place, this.#experiments, { existing: true });
      return logs.recordsOf(asked);
    });
    const models = this.models.map(({ name, label, kind }) => ({ name, label, kind }));
    return reportAbilities(records, { ...this.options, models, sources, notRun });
  }
}

/**
 * The transferability experiments on models, kept in `output`: what is there already is not asked
 * again, and further models may be added to a run.
 *
 * @param models From `AbilityModels`, which must stay open meanwhile.
 * @throws {NotRunError} if the data have nothing for any of the experiments.
 * @throws {Error} if the folder holds results of other data or other options, or a model's results
 * are of other weights; if a sample is at fault; or if a model cannot answer. Records until then
 * stand.
 */
export async function storedTransferability(
  models: readonly AbilityModel[],
  options: StoredTransferabilityOptions,
): Promise<AbilityReport> {
  if (models.length === 0) throw new Error("Cannot test transferability: no model is named");
  const { experimentType = "v1", sampleSize = 100, sampleSeed = 123 } = options;
  const { maxNewTokens = 2048, temperature = 0 } = options;
  const defaults = { experimentType, sampleSize, sampleSeed, maxNewTokens, temperature };
  checkNumbers({ ...options, ...defaults });
  return await new TransferabilityRun(models, { ...options, ...defaults }).run();
}
