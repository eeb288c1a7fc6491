/**
 * The questions of an experiment: drawn from the benchmarks, read, ready to be asked.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { decodeImage, type RgbImage } from "../../model/mod.ts";
import { type Experiment, passesFilter } from "./experiment_types.ts";
import type { HubDatasetOptions } from "../../checkpoint/hub/mod.ts";
import {
  findBenchmark,
  type ImageQuestionItem,
  type InputType,
  loadImageQuestions,
  loadMaths,
  type MathsProblem,
  promptImage,
  type Question,
  withChoices,
} from "../../benchmarks/mod.ts";
import { sampleIndices } from "../../statistics/mod.ts";

/** A question of a benchmark that experiments draw from. */
export type BenchmarkItem = ImageQuestionItem | MathsProblem;

/** A question of an experiment. */
export interface SampledQuestion extends Question {
  id: string;
  /** What is right. */
  gold: string;
  /** Texts of the lettered choices; null where the answer is free. */
  choices: string[] | null;
  /** In the size of a prompt; null for a question in words. */
  image: RgbImage | null;
  /** SHA-256 of the image's file; null without one. */
  imageHash: string | null;
}

/** A benchmark that was read. */
export interface LoadedBenchmark {
  /** "embedded", "hub", or the folder. */
  source: string;
  /** In the file's order. */
  items: BenchmarkItem[];
}

/**
 * Reads one of the benchmarks that experiments draw from.
 *
 * @param data Where it is from: "embedded", "hub" or a folder.
 * @throws {NotRunError} if the data do not have it.
 * @throws {Error} if a file is missing or a row is at fault.
 */
export async function loadBenchmark(
  name: Experiment["dataset"],
  data: string,
  options: HubDatasetOptions = {},
): Promise<LoadedBenchmark> {
  const { source, path } = await findBenchmark(name, data, options);
  const items = name === "mathvista" ? await loadImageQuestions(path) : await loadMaths(name, path);
  return { source, items };
}

/**
 * Ids of an experiment's sample: those that pass its filter, `size` of them drawn as the paper did.
 *
 * @throws {Error} if no sample passes the filter.
 */
export function drawSample(
  { name, dataset, filter }: Experiment,
  items: readonly BenchmarkItem[],
  { size, seed }: { size: number; seed: number },
): string[] {
  const passing = items.filter((item) => passesFilter(item, filter));
  if (passing.length === 0) {
    throw new Error(`Cannot run ${name}: no sample of ${dataset} is ${JSON.stringify(filter)}`);
  }
  return sampleIndices(passing.length, { size, seed }).map((i) => passing[i].id);
}

const sha256 = (data: Uint8Array | string) => createHash("sha256").update(data).digest("hex");

async function imageQuestion(item: ImageQuestionItem): Promise<SampledQuestion> {
  const { id, question, choices, answer, description, readImage } = item;
  try {
    const bytes = await readImage();
    return {
      id,
      question: choices ? withChoices(question, choices) : question,
      gold: answer,
      choices,
      // Shrunk at once: large pictures of many questions would not fit into memory.
      image: promptImage(await decodeImage(bytes)),
      imageHash: sha256(bytes),
      description,
    };
  } catch (cause) {
    throw new Error(`Cannot ask question ${id}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Reads the questions of a sample, with their images.
 *
 * @param ids From {@linkcode drawSample}, or a split's file.
 * @throws {Error} if an id is not in the benchmark, or an image cannot be read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { EXPERIMENTS } from "./experiment_types.ts";
 *
 * const [, , reasoning] = EXPERIMENTS.v1;
 * const { items } = await loadBenchmark(reasoning.dataset, "embedded");
 * const ids = drawSample(reasoning, items, { size: 2, seed: 123 });
 * const questions = await loadSample(reasoning, items, ids);
 * assertEquals(questions.map(({ id }) => id), ids);
 * ```
 */
export async function loadSample(
  { name, dataset }: Experiment,
  items: readonly BenchmarkItem[],
  ids: readonly string[],
): Promise<SampledQuestion[]> {
  const known = new Map(items.map((item) => [item.id, item]));
  const questions: SampledQuestion[] = [];
  for (const id of ids) {
    const item = known.get(id);
    if (!item) {
      throw new Error(`Cannot run ${name}: its sample names ${id}, which is not in ${dataset}`);
    }
    questions.push(
      "readImage" in item ? await imageQuestion(item) : {
        id,
        question: item.question,
        gold: item.answer,
        choices: null,
        image: null,
        imageHash: null,
        description: null,
      },
    );
  }
  return questions;
}

/** Identifies what is shown of a question in a setting, and what is right: 16 hex digits. */
export function questionHash(question: SampledQuestion, inputType: InputType): string {
  const { id, question: text, choices, gold, imageHash, description } = question;
  const shown = inputType === "black_image_description_question" ? description : null;
  const image = inputType === "question_only" ? null : imageHash;
  return sha256(JSON.stringify([inputType, id, text, choices, gold, image, shown])).slice(0, 16);
}
