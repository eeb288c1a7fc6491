/**
 * The questions of an experiment: drawn from the benchmarks, read, ready to be asked.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { decodeImage, type RgbImage } from "../model/mod.ts";
import type { Experiment } from "../evaluation/experiments.ts";
import { passesFilter } from "../evaluation/experiments.ts";
import type { HubDatasetOptions } from "./hub_dataset.ts";
import { findMathsFile, loadMaths, type MathsProblem } from "./maths_dataset.ts";
import {
  findImageQuestionsFile,
  type ImageQuestionItem,
  loadImageQuestions,
} from "./mathvista_dataset.ts";
import { promptImage } from "./prompt_image.ts";
import { type InputType, type Question, withChoices } from "./prompts.ts";
import { sampleIndices } from "../statistics/sampling.ts";

/** The two benchmarks, in their files' order. */
export interface Benchmarks {
  mathvista: ImageQuestionItem[];
  math500: MathsProblem[];
}

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

/** Files that a folder of benchmarks may have, the first that is there. */
const FILES = {
  mathvista: ["mathvista/testmini.jsonl", "mathvista/testmini.parquet"],
  math500: ["math500/test.jsonl", "math500/test.parquet"],
} as const;

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

async function fileIn(folder: string, name: keyof Benchmarks): Promise<string> {
  const paths = FILES[name].map((path) => join(folder, path));
  for (const path of paths) if (await isFile(path)) return path;
  throw new Error(
    `Cannot find ${name} in ${folder}: there is neither ${paths.join(" nor ")}; give "hub" for ` +
      "the published files",
  );
}

/**
 * Reads both benchmarks.
 *
 * @param source Nothing for the embedded ones, "hub" for the published ones, or a folder with
 * mathvista/testmini and math500/test, each .jsonl or .parquet in the published layout.
 * @throws {Error} if a file is missing or a row is at fault.
 */
export async function loadBenchmarks(
  source?: string,
  options: HubDatasetOptions = {},
): Promise<Benchmarks> {
  const find = async (name: keyof Benchmarks, find: (source?: string) => Promise<string>) => {
    if (source !== undefined && source !== "hub") return await fileIn(source, name);
    try {
      return await find(source);
    } catch (cause) {
      const places = FILES[name].map((path) => join("FOLDER", path)).join(" or ");
      const advice = `as ${places}, and give FOLDER in place of "hub"`;
      throw new Error(`${(cause as Error).message} (${advice})`, { cause });
    }
  };
  const mathvista = await find("mathvista", (name) => findImageQuestionsFile(name, options));
  const math500 = await find("math500", (name) => findMathsFile("math500", name, options));
  return {
    mathvista: await loadImageQuestions(mathvista),
    math500: await loadMaths("math500", math500),
  };
}

/**
 * Ids of an experiment's sample: those that pass its filter, `size` of them drawn as the paper did.
 *
 * @throws {Error} if no sample passes the filter.
 */
export function drawSample(
  { name, dataset, filter }: Experiment,
  benchmarks: Benchmarks,
  { size, seed }: { size: number; seed: number },
): string[] {
  const passing = benchmarks[dataset].filter((item) => passesFilter(item, filter));
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
 * import { EXPERIMENTS } from "../evaluation/experiments.ts";
 *
 * const [, , reasoning] = EXPERIMENTS.v1;
 * const benchmarks = await loadBenchmarks();
 * const ids = drawSample(reasoning, benchmarks, { size: 2, seed: 123 });
 * const questions = await loadSample(reasoning, benchmarks, ids);
 * assertEquals(questions.map(({ id }) => id), ids);
 * ```
 */
export async function loadSample(
  { name, dataset }: Experiment,
  benchmarks: Benchmarks,
  ids: readonly string[],
): Promise<SampledQuestion[]> {
  const known = new Map(
    benchmarks[dataset].map((item): [string, ImageQuestionItem | MathsProblem] => [item.id, item]),
  );
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
