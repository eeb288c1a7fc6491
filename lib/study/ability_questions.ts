/**
 * The questions of a transferability run: drawn, or those that were drawn before, with descriptions.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../atomic_write.ts";
import type { ImageDescriber } from "../benchmarks/answer_judge.ts";
import type { Experiment, ExperimentSetting } from "../evaluation/experiments.ts";
import {
  drawSample,
  loadBenchmarks,
  loadSample,
  questionHash,
  type SampledQuestion,
} from "../benchmarks/experiment_sample.ts";
import type { HubDatasetOptions } from "../benchmarks/hub_dataset.ts";
import type { ProgressListener } from "../progress.ts";
import { readSplit, splitPath } from "./ability_folder.ts";
import { inParallel } from "./in_parallel.ts";
import { hashJson } from "./run_identity.ts";

/** An experiment and what is asked in it. */
export interface ExperimentSample {
  experiment: Experiment;
  questions: SampledQuestion[];
}

/** One question in one setting. */
export interface Asked {
  experiment: Experiment;
  setting: ExperimentSetting;
  question: SampledQuestion;
}

/** Options of {@linkcode findSamples}. */
export interface FindSamplesOptions extends Pick<HubDatasetOptions, "cacheDir" | "offline"> {
  source?: string;
  sampleSize: number;
  sampleSeed: number;
  /** Runs whose samples hold, the first that has one. */
  runs: readonly string[];
}

/**
 * The samples of experiments: those that a run has drawn already, else drawn as the paper did.
 *
 * @throws {Error} if a file or a sample is at fault.
 */
export async function findSamples(
  experiments: readonly Experiment[],
  { source, runs, sampleSize: size, sampleSeed: seed, ...options }: FindSamplesOptions,
): Promise<ExperimentSample[]> {
  const benchmarks = await loadBenchmarks(source, options);
  const samples: ExperimentSample[] = [];
  for (const experiment of experiments) {
    const path = splitPath(experiment, { sampleSeed: seed, sampleSize: size });
    let ids: string[] | null = null;
    for (const run of runs) ids ??= await readSplit(join(run, path));
    ids ??= drawSample(experiment, benchmarks, { size, seed });
    samples.push({ experiment, questions: await loadSample(experiment, benchmarks, ids) });
  }
  return samples;
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

/** Options of {@linkcode describeQuestions}. */
export interface DescribeQuestionsOptions {
  /** Without one, the dataset's descriptions are shown. */
  describer?: ImageDescriber;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** Images that are described at a time. */
const TOGETHER = 8;

function needsDescriptions({ experiment }: ExperimentSample): boolean {
  return experiment.settings
    .some(({ inputType }) => inputType === "black_image_description_question");
}

/**
 * Gives every question that is asked by description one.
 *
 * @throws {Error} if there is no describer and the dataset has none, or the describer fails.
 */
export async function describeQuestions(
  samples: readonly ExperimentSample[],
  { describer, onProgress, signal }: DescribeQuestionsOptions,
): Promise<void> {
  for (const { experiment: { name }, questions } of samples.filter(needsDescriptions)) {
    if (!describer) {
      const lacking = questions.filter(({ description }) => !description);
      if (lacking.length === 0) continue;
      throw new Error(
        `Cannot run ${name}: ${lacking.length} of ${questions.length} questions have no ` +
          `description (the first is ${lacking[0].id}), as in the published dataset; give ` +
          "--use_gpt_descriptions and a key",
      );
    }
    let done = 0;
    const progress = () =>
      onProgress?.({ label: "descriptions", done, total: questions.length, unit: "samples" });
    progress();
    await inParallel(questions, { concurrency: TOGETHER, signal }, async (question) => {
      const key = `${name}_${question.id}`;
      question.description = await describer.describe(question.image!, { key, signal });
      done++;
      progress();
    });
  }
}
