/**
 * Every image and JSON line of the embedded dataset, as files in memory.
 *
 * @module
 */
import { VISION_TASKS, type VisionTask } from "../../lib/benchmarks/mod.ts";
import { makeMathItems, makeVisualItems, makeWordProblems, type VisualItem } from "./benchmarks.ts";
import { controlFiles } from "./control/files.ts";
import { encodePng } from "./png.ts";
import { renderScene, type Scene, sceneKey } from "./scene.ts";
import { palette, sceneSpec } from "./spec.ts";
import { makeVisionPair } from "./vision_pairs.ts";

/** A file of the dataset; `path` is relative to dataset/. */
export interface DatasetFile {
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** How much to generate, and from which seed. */
export interface DatasetOptions {
  /** Default 20260212. */
  seed?: number;
  /** Pairs for each vision task. Default 100. */
  pairs?: number;
  /** Image questions for each of the two categories. Default 240. */
  visual?: number;
  /** MATH-shaped problems. Default 300. */
  math?: number;
  /** GSM8K-shaped problems. Default 300. */
  word?: number;
}

/** What training must not contain: a scene, or the content of a problem in words. */
interface HeldOut {
  id: string;
  scene: string | null;
  expression: string | null;
}

/** Where the list of held-out content lies. */
export const HELD_OUT_PATH = "tiny/held_out.jsonl";

function lines(path: string, records: readonly object[]): DatasetFile {
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
  return { path, bytes: new TextEncoder().encode(text) };
}

function image(path: string, scene: Scene): DatasetFile {
  const { side } = sceneSpec;
  return {
    path,
    bytes: encodePng({ pixels: renderScene(scene), width: side, height: side, palette }),
  };
}

function* visionTaskFiles(
  task: VisionTask,
  options: Required<DatasetOptions>,
  heldOut: HeldOut[],
): Generator<DatasetFile> {
  const records = [];
  for (let index = 0; index < options.pairs; index++) {
    const id = `${task}_${String(index).padStart(6, "0")}`;
    const { target, source, prompt, meta } = makeVisionPair(task, index, options.seed);
    const [target_image, source_image] = ["t", "s"].map((side) => `images/${id}_${side}.png`);
    for (const [file, { scene }] of [[target_image, target], [source_image, source]] as const) {
      yield image(`vision_functionality/${task}/${file}`, scene);
      heldOut.push({ id: file.slice(7, -4), scene: sceneKey(scene), expression: null });
    }
    records.push({ id, task, target_image, source_image, prompt, meta });
  }
  yield lines(`vision_functionality/${task}/data.jsonl`, records);
}

/** Labels of MathVista: stand-ins, chosen so that every selection of the experiments has items. */
const labels: Record<string, { context: string; task: string }> = {
  counting: { context: "natural image", task: "visual question answering" },
  recognition: { context: "natural image", task: "visual question answering" },
  position: { context: "table", task: "figure question answering" },
  ocr: { context: "document image", task: "visual question answering" },
  sum: { context: "synthetic scene", task: "math word problem" },
  range: { context: "synthetic scene", task: "math word problem" },
  difference: { context: "geometry diagram", task: "geometry problem solving" },
};

function visualRecord(id: string, { problem, category, choices }: VisualItem): object {
  return {
    id,
    image: `images/${id}.png`,
    question: problem.question,
    choices: choices ?? null,
    answer: problem.answer,
    question_type: choices ? "multi_choice" : "free_form",
    answer_type: /^\d+$/.test(problem.answer) ? "integer" : "text",
    description: problem.description,
    metadata: {
      category,
      ...labels[problem.task],
      skill: problem.task,
      language: "english",
      split: "testmini",
      source: "synthetic scenes",
      img_width: sceneSpec.side,
      img_height: sceneSpec.side,
    },
  };
}

function* visualFiles(
  options: Required<DatasetOptions>,
  heldOut: HeldOut[],
): Generator<DatasetFile> {
  const folder = "tiny/benchmarks/mathvista";
  const items = makeVisualItems(options.visual, options.seed);
  const records = items.map((item, index) => {
    const id = `${item.category}-${String(index % options.visual).padStart(3, "0")}`;
    const { scene, expression } = item.problem;
    const described = item.category === "math-targeted-vqa" ? expression : null;
    heldOut.push({ id, scene: sceneKey(scene), expression: described });
    return { id, scene, record: visualRecord(id, item) };
  });
  for (const { id, scene } of records) yield image(`${folder}/images/${id}.png`, scene);
  yield lines(`${folder}/testmini.jsonl`, records.map(({ record }) => record));
}

function* textFiles(options: Required<DatasetOptions>, heldOut: HeldOut[]): Generator<DatasetFile> {
  const math = makeMathItems(options.math, options.seed).map(({ problem, subject }, index) => {
    const unique_id = `test/${subject.toLowerCase().replace(" ", "_")}/${index}.json`;
    heldOut.push({ id: unique_id, scene: null, expression: problem.expression });
    return {
      unique_id,
      problem: problem.question,
      solution: `${problem.thought} The answer is $\\boxed{${problem.answer}}$.`,
      answer: problem.answer,
      subject,
      level: problem.level,
    };
  });
  yield lines("tiny/benchmarks/math500/test.jsonl", math);
  const word = makeWordProblems(options.word, options.seed).map((problem, index) => {
    heldOut.push({ id: `gsm8k-${index}`, scene: null, expression: problem.expression });
    return { question: problem.question, answer: `${problem.thought}\n#### ${problem.answer}` };
  });
  yield lines("tiny/benchmarks/gsm8k/test.jsonl", word);
}

/**
 * Generates the embedded dataset: the vision pairs, the benchmarks, and the list of what training
 * must leave out. The same options give the same bytes on every machine.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const files = [...generateDataset({ pairs: 1, visual: 4, math: 3, word: 4 })];
 * const images = files.filter(({ path }) => /^(?!control).*\.png$/.test(path));
 * assertEquals(images.length, 4 * 2 + 2 * 4);
 * ```
 */
export function* generateDataset(options: DatasetOptions = {}): Generator<DatasetFile> {
  const all = { seed: 20260212, pairs: 100, visual: 240, math: 300, word: 300, ...options };
  const heldOut: HeldOut[] = [];
  for (const task of VISION_TASKS) yield* visionTaskFiles(task, all, heldOut);
  yield* visualFiles(all, heldOut);
  yield* textFiles(all, heldOut);
  yield lines(HELD_OUT_PATH, heldOut);
  yield* controlFiles();
}
