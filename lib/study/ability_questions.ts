/**
 * The questions of a transferability run: drawn, or those that were drawn before, with descriptions.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../atomic_write.ts";
import type { ImageDescriber } from "../serving/mod.ts";
import {
  drawSample,
  type Experiment,
  type ExperimentSetting,
  isDescribed,
  loadBenchmark,
  type LoadedBenchmark,
  loadSample,
  questionHash,
  type SampledQuestion,
} from "../evaluation/mod.ts";
import { NotRunError } from "../benchmarks/mod.ts";
import type { HubDatasetOptions } from "../checkpoint/hub/mod.ts";
import type { ProgressListener } from "../progress.ts";
import { readSplit, splitPath } from "./ability_folder.ts";
import { hashJson } from "../experiments/mod.ts";

/** An experiment and what is asked in it. */
export interface ExperimentSample {
  experiment: Experiment;
  questions: readonly SampledQuestion[];
}

/** One question in one setting. */
export interface Asked {
  experiment: Experiment;
  setting: ExperimentSetting;
  question: SampledQuestion;
}

/** Options of {@linkcode findSamples}. */
export interface FindSamplesOptions extends Pick<HubDatasetOptions, "cacheDir" | "offline"> {
  /** Where the benchmarks are from: "embedded", "hub" or a folder. */
  data: string;
  /** Whether a model describes images where the data set has no descriptions. */
  described: boolean;
  sampleSize: number;
  sampleSeed: number;
  /** Runs whose samples hold, the first that has one. */
  runs: readonly string[];
}

/** What {@linkcode findSamples} finds. */
export interface FoundSamples {
  samples: ExperimentSample[];
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
export async function findSamples(
  experiments: readonly Experiment[],
  { data, described, runs, sampleSize: size, sampleSeed: seed, ...options }: FindSamplesOptions,
): Promise<FoundSamples> {
  const found: FoundSamples = { samples: [], sources: {}, notRun: {} };
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
      const sample = { experiment, questions };
      if (!described) checkDescriptions(sample, source);
      found.samples.push(sample);
      found.sources[dataset] = source;
    } catch (error) {
      if (!(error instanceof NotRunError)) throw error;
      found.notRun[ability] = error.message;
    }
  }
  if (found.samples.length > 0) return found;
  throw new NotRunError(Object.values(found.notRun).join("; "));
}

/** Writes the ids of samples where they are not written yet. */
export async function writeSplits(
  run: string,
  samples: readonly ExperimentSample[],
  options: { sampleSeed: number; sampleSize: number },
): Promise<void> {
  for (const { experiment, questions } of samples) {
    const path = join(run, splitPath(experiment, options));
    if (await readSplit(path)) continue;
    const lines = questions.map(({ id }) => JSON.stringify({ id }) + "\n");
    await writeAtomically(path, lines.join(""));
  }
}

/** Every question in every setting, in order. */
export function askedIn(samples: readonly ExperimentSample[]): Asked[] {
  return samples.flatMap(({ experiment, questions }) =>
    experiment.settings.flatMap((setting) =>
      questions.map((question) => ({ experiment, setting, question }))
    )
  );
}

/**
 * Identifies the questions of each experiment.
 *
 * @param described Whether descriptions are the dataset's, and so part of it.
 */
export function hashSamples(
  samples: readonly ExperimentSample[],
  described: boolean,
): Record<string, string> {
  const shown = described ? "black_image_description_question" : "image_question";
  return Object.fromEntries(samples.map(({ experiment, questions }) => [
    experiment.name,
    hashJson(questions.map((question) => questionHash(question, shown))),
  ]));
}

function needsDescriptions({ experiment }: ExperimentSample): boolean {
  return experiment.settings.some(isDescribed);
}

/** @throws {NotRunError} if questions are asked by description that have none. */
function checkDescriptions(sample: ExperimentSample, source: string) {
  if (!needsDescriptions(sample)) return;
  const { experiment: { name }, questions } = sample;
  const lacking = questions.filter(({ description }) => !description);
  if (lacking.length === 0) return;
  throw new NotRunError(
    `${name} shows descriptions of images, and ${lacking.length} of its ${questions.length} ` +
      `questions of ${source} have none (the first is ${lacking[0].id}): name a model to write ` +
      "them by --describer",
  );
}

/** Options of {@linkcode describeQuestions}. */
export interface DescribeQuestionsOptions {
  describer: ImageDescriber;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/**
 * Gives every question that is asked by description one.
 *
 * @throws {Error} if the describer fails.
 */
export async function describeQuestions(
  samples: readonly ExperimentSample[],
  { describer, onProgress, signal }: DescribeQuestionsOptions,
): Promise<void> {
  for (const { experiment: { name }, questions } of samples.filter(needsDescriptions)) {
    const images = questions.map(({ id, image }) => ({ key: `${name}_${id}`, image: image! }));
    const descriptions = await describer.describe(images, { onProgress, signal });
    questions.forEach((question, i) => question.description = descriptions[i]);
  }
}
