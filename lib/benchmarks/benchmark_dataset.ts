/**
 * The embedded benchmarks, in the shapes of MathVista, MATH-500 and GSM8K.
 *
 * @module
 */
import { dirname } from "node:path";
import { z } from "zod";
import { resolveImage } from "./dataset_image.ts";
import { JsonLineError, readJsonLines } from "./json_lines.ts";

/** A question about an image. */
export interface MathVistaItem {
  id: string;
  /** Full path. */
  image: string;
  question: string;
  /** Texts of the choices, or null where the answer is free. */
  choices: string[] | null;
  /** For multiple choice the text of the right choice. */
  answer: string;
  questionType: "multi_choice" | "free_form";
  /** The image in words, enough to answer; empty if there is none. */
  description: string;
  category: string;
  context: string;
  task: string;
}

/** A problem of MATH-500. */
export interface MathItem {
  id: string;
  problem: string;
  answer: string;
  /** 1 to 5. */
  level: number;
  subject: string;
}

/** A word problem of GSM8K. */
export interface WordItem {
  /** The line's number, from 0, as GSM8K has no ids. */
  id: string;
  question: string;
  /** What follows `####`, without thousands separators. */
  answer: string;
}

const text = z.string().min(1);
const mathVistaSchema = z.object({
  id: text,
  image: text,
  question: text,
  choices: z.array(text).min(2).nullable(),
  answer: text,
  question_type: z.enum(["multi_choice", "free_form"]),
  description: z.string().default(""),
  metadata: z.looseObject({ category: text, context: text, task: text }),
}).refine((item) => (item.question_type === "multi_choice") === (item.choices !== null), {
  error: "choices must be given for multi_choice and be null for free_form",
}).refine((item) => item.choices === null || item.choices.includes(item.answer), {
  error: "answer must be one of choices",
});
const mathSchema = z.object({
  unique_id: text,
  problem: text,
  answer: text,
  level: z.int().min(1).max(5),
  subject: text,
});
const wordSchema = z.object({ question: text, answer: text });

/**
 * Streams a MathVista-shaped file; images are relative to the file's folder.
 *
 * @throws {JsonLineError} If a line or its image is at fault; the message says file and line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const file = "dataset/tiny/benchmarks/mathvista/testmini.jsonl";
 * const items = await Array.fromAsync(loadMathVista(file));
 * assertEquals(items.filter(({ category }) => category === "general-vqa").length, 240);
 * ```
 */
export async function* loadMathVista(file: string): AsyncGenerator<MathVistaItem> {
  for await (const { value, line } of readJsonLines(file, mathVistaSchema)) {
    const { question_type: questionType, metadata, ...rest } = value;
    const place = { folder: dirname(file), file, line, field: "image" };
    yield {
      ...rest,
      questionType,
      image: await resolveImage(value.image, place),
      category: metadata.category,
      context: metadata.context,
      task: metadata.task,
    };
  }
}

/**
 * Streams a MATH-500-shaped file.
 *
 * @throws {JsonLineError} If a line is at fault; the message says file and line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const items = await Array.fromAsync(loadMath("dataset/tiny/benchmarks/math500/test.jsonl"));
 * assertEquals(items.filter(({ level }) => level >= 4).length, 120);
 * ```
 */
export async function* loadMath(file: string): AsyncGenerator<MathItem> {
  for await (const { value } of readJsonLines(file, mathSchema)) {
    const { unique_id: id, ...rest } = value;
    yield { id, ...rest };
  }
}

/**
 * Streams a GSM8K-shaped file.
 *
 * @throws {JsonLineError} If a line is at fault or its answer has no `####`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const items = await Array.fromAsync(loadWordProblems("dataset/tiny/benchmarks/gsm8k/test.jsonl"));
 * assertEquals(items[0].answer, "27");
 * ```
 */
export async function* loadWordProblems(file: string): AsyncGenerator<WordItem> {
  for await (const { value, line } of readJsonLines(file, wordSchema)) {
    const gold = value.answer.split("####")[1]?.trim().replaceAll(",", "");
    if (!gold) {
      throw new JsonLineError(file, line, 'answer: has no result after "####".');
    }
    yield { id: String(line - 1), question: value.question, answer: gold };
  }
}
