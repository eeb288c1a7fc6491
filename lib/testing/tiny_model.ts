/**
 * The embedded models and a few of their samples, for tests.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { loadMaths, type MathsProblem } from "../benchmarks/maths_dataset.ts";
import { type ImageQuestionItem, loadImageQuestions } from "../benchmarks/mathvista_dataset.ts";
import { loadVisionPairs, type VisionPair, type VisionTask } from "../benchmarks/vision_dataset.ts";
import { VisionLanguageModel } from "../model/mod.ts";

/** The embedded data. */
export const DATASET = fileURLToPath(new URL("../../dataset", import.meta.url));

/** Folder of an embedded checkpoint. */
export function tinyFolder(role: "base" | "in" | "rl" = "base"): string {
  return `${DATASET}/tiny/checkpoints/${role}`;
}

/** An embedded model; release it with `await using`. */
export function openTiny(role: "base" | "in" | "rl" = "base"): Promise<VisionLanguageModel> {
  return VisionLanguageModel.open(tinyFolder(role));
}

/** The first pairs of a task. */
export async function tinyPairs(task: VisionTask, count: number): Promise<VisionPair[]> {
  const path = `${DATASET}/vision_functionality/${task}/data.jsonl`;
  const all = await loadVisionPairs(path, task);
  return all.slice(0, count);
}

/** The embedded image questions. */
export function tinyQuestions(): Promise<ImageQuestionItem[]> {
  return loadImageQuestions(`${DATASET}/tiny/benchmarks/mathvista/testmini.jsonl`);
}

/** The first problems of the embedded MATH-500. */
export async function tinyProblems(count: number): Promise<MathsProblem[]> {
  const all = await loadMaths("math500", `${DATASET}/tiny/benchmarks/math500/test.jsonl`);
  return all.slice(0, count);
}
