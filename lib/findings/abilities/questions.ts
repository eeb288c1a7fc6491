/**
 * The questions of a transferability run: drawn, or those that were drawn before, with descriptions.
 *
 * @module
 */
import { join } from "node:path";
import type { ImageDescriber } from "../../serving/mod.ts";
import { type Experiment, isDescribed } from "./experiment_types.ts";
import type { AbilityRecord } from "./records.ts";
import {
  drawSample,
  loadBenchmark,
  type LoadedBenchmark,
  loadSample,
  questionHash,
  type SampledQuestion,
} from "./sampled_questions.ts";
import { NotRunError } from "../../benchmarks/mod.ts";
import type { HubDatasetOptions } from "../../checkpoint/hub/mod.ts";
import { hashJson, type Pass } from "../../experiments/mod.ts";
import { readSplit, splitPath } from "./folder.ts";

/** A question of an experiment. */
export interface AskedQuestion {
  experiment: Experiment;
  question: SampledQuestion;
}

/** Identity of a question, among those of all experiments. */
export const askedKey = (experiment: string, id: string) => JSON.stringify([experiment, id]);

/** Identity of an answer, among those of all models, experiments and settings. */
export function answerKey(
  { model, dataset, setting, id }: Pick<AbilityRecord, "model" | "dataset" | "setting" | "id">,
): string {
  return JSON.stringify([model, dataset, setting, id]);
}

/** Options of {@linkcode findQuestions}. */
export interface FindQuestionsOptions extends Pick<HubDatasetOptions, "cacheDir" | "offline"> {
  /** Where the benchmarks are from: "embedded", "hub" or a folder. */
  data: string;
  /** Whether a model describes images where the data set has no descriptions. */
  described: boolean;
  sampleSize: number;
  sampleSeed: number;
  /** Runs whose samples hold, the first that has one. */
  runs: readonly string[];
}

/** What {@linkcode findQuestions} finds. */
export interface FoundQuestions {
  /** The questions of each experiment that can be run. */
  samples: Map<Experiment, SampledQuestion[]>;
  /** Where each benchmark is from. */
  sources: Record<string, string>;
  /** Abilities whose experiment cannot be run with these data, and why. */
  notRun: Record<string, string>;
}

/**
 * The samples of experiments: those that a run has drawn already, else drawn as the paper did.
 *
 * @throws {NotRunError} if none of the experiments can be run with these data.
 * @throws {Error} if a file or a sample is at fault.
 */
export async function findQuestions(
  experiments: readonly Experiment[],
  { data, described, runs, sampleSize: size, sampleSeed: seed, ...options }: FindQuestionsOptions,
): Promise<FoundQuestions> {
  const found: FoundQuestions = { samples: new Map(), sources: {}, notRun: {} };
  const loaded = new Map<string, LoadedBenchmark>();
  for (const experiment of experiments) {
    const { dataset, ability } = experiment;
    try {
      const benchmark = loaded.get(dataset) ?? await loadBenchmark(dataset, data, options);
      loaded.set(dataset, benchmark);
      const { items, source } = benchmark;
      const path = splitPath(experiment, { sampleSeed: seed, sampleSize: size });
      let ids: string[] | null = null;
      for (const run of runs) ids ??= await readSplit(join(run, path));
      ids ??= drawSample(experiment, items, { size, seed });
      const questions = await loadSample(experiment, items, ids);
      if (!described) checkDescriptions(experiment, questions, source);
      found.samples.set(experiment, questions);
      found.sources[dataset] = source;
    } catch (error) {
      if (!(error instanceof NotRunError)) throw error;
      found.notRun[ability] = error.message;
    }
  }
  if (found.samples.size > 0) return found;
  throw new NotRunError(Object.values(found.notRun).join("; "));
}

/**
 * Identifies the questions of each experiment.
 *
 * @param described Whether descriptions are the dataset's, and so part of it.
 */
export function hashSamples(
  samples: FoundQuestions["samples"],
  described: boolean,
): Record<string, string> {
  const shown = described ? "black_image_description_question" : "image_question";
  return Object.fromEntries([...samples].map(([{ name }, questions]) => [
    name,
    hashJson(questions.map((question) => questionHash(question, shown))),
  ]));
}

/** @throws {NotRunError} if questions are asked by description that have none. */
function checkDescriptions(
  { name, settings }: Experiment,
  questions: readonly SampledQuestion[],
  source: string,
) {
  const lacking = questions.filter(({ description }) => !description);
  if (!settings.some(isDescribed) || lacking.length === 0) return;
  throw new NotRunError(
    `${name} shows descriptions of images, and ${lacking.length} of its ${questions.length} ` +
      `questions of ${source} have none (the first is ${lacking[0].id}): name a model to write ` +
      "them by --describer",
  );
}

/** Gives every question that is asked by description the describer's. */
export function describePass(describer: ImageDescriber): Pass<AskedQuestion, undefined> {
  const shown = (samples: readonly AskedQuestion[]) =>
    samples.filter(({ experiment }) => experiment.settings.some(isDescribed));
  return {
    isComplete: (samples) => shown(samples).length === 0,
    run: async (_, samples, { onProgress, signal } = {}) => {
      const own = shown(samples);
      const images = own.map(({ experiment: { name }, question: { id, image } }) => (
        { key: `${name}_${id}`, image: image! }
      ));
      const descriptions = await describer.describe(images, { onProgress, signal });
      own.forEach(({ question }, i) => question.description = descriptions[i]);
    },
  };
}
