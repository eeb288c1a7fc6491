/**
 * Maths problems in words: MATH-500 and GSM8K in their published layouts (JSON Lines or parquet),
 * embedded, from a file, or from the hub by name.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import pl from "nodejs-polars";
import { z } from "zod";
import { findHubDatasetFile, type HubDatasetOptions } from "./hub_dataset.ts";
import { readJsonLines } from "./json_lines.ts";

/** The datasets. */
export const MATHS_DATASETS = ["math500", "gsm8k"] as const;
/** One of the datasets. */
export type MathsDataset = typeof MATHS_DATASETS[number];

/** A problem and its answer. */
export interface MathsProblem {
  /** MATH-500: unique_id; GSM8K: the problem's number in the file, from 0. */
  id: string;
  question: string;
  answer: string;
  /** MATH-500: the published level, 1 to 5. GSM8K: calculations in the published solution. */
  level: number | null;
}

const HUB = {
  math500: { repo: "HuggingFaceH4/MATH-500", path: "test.jsonl" },
  gsm8k: { repo: "openai/gsm8k", path: "main/test-00000-of-00001.parquet" },
} as const;

const text = z.string().min(1);
const SCHEMAS = {
  math500: z.object({
    unique_id: text,
    problem: text,
    answer: text,
    // The published file says 3, older copies "Level 3".
    level: z.union([z.number(), z.string()]).nullish(),
  }),
  gsm8k: z.object({ question: text, answer: z.string().regex(/####/, "has no ####") }),
};

type Line = { math500: z.infer<typeof SCHEMAS.math500>; gsm8k: z.infer<typeof SCHEMAS.gsm8k> };

/** Calculations in a GSM8K solution: annotated ones (<<2*3=6>>), else equal signs. */
function countSteps(solution: string): number | null {
  const annotated = solution.match(/<<[^>]*>>/g)?.length;
  return annotated ?? solution.match(/=/g)?.length ?? null;
}

function levelOf(level: number | string | null | undefined): number | null {
  const number = Number(String(level ?? "").match(/\d+/)?.[0]);
  return level === null || level === undefined || !Number.isInteger(number) ? null : number;
}

const CONVERT = {
  math500: ({ unique_id, problem, answer, level }: Line["math500"]): MathsProblem => ({
    id: unique_id,
    question: problem,
    answer,
    level: levelOf(level),
  }),
  gsm8k: ({ question, answer }: Line["gsm8k"], index: number): MathsProblem => {
    const [solution, result] = answer.split("####");
    return {
      id: String(index),
      question,
      answer: result.trim().replaceAll(",", ""),
      level: countSteps(solution),
    };
  },
};

/** Rows of a parquet file as objects, checked. */
function readParquet<T>(path: string, schema: z.ZodType<T>): T[] {
  let rows: unknown[];
  try {
    rows = pl.readParquet(path).toRecords();
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  return rows.map((row, i) => {
    const parsed = schema.safeParse(row);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new Error(`Cannot read ${path}, row ${i}: ${issue.path.join(".")}: ${issue.message}`);
  });
}

async function readLines<D extends MathsDataset>(name: D, path: string): Promise<Line[D][]> {
  const schema = SCHEMAS[name] as unknown as z.ZodType<Line[D]>;
  if (path.endsWith(".parquet")) return readParquet(path, schema);
  const lines: Line[D][] = [];
  for await (const { value } of readJsonLines(path, schema)) lines.push(value);
  return lines;
}

/**
 * Finds the file of a dataset.
 *
 * @param source Nothing for the embedded problems, "hub" for the published ones, or a path.
 * @throws {Error} if the hub's file is neither cached nor to be had.
 */
export async function findMathsFile(
  name: MathsDataset,
  source?: string,
  options: HubDatasetOptions = {},
): Promise<string> {
  if (source === "hub") return await findHubDatasetFile(HUB[name], options);
  return source ??
    fileURLToPath(new URL(`../../dataset/tiny/benchmarks/${name}/test.jsonl`, import.meta.url));
}

/**
 * Reads the problems of a dataset's file, in its order.
 *
 * @param path JSON Lines, or parquet if the name ends in `.parquet`.
 * @throws {Error} if a line lacks a field, an id stands twice, or there is no problem; names file
 * and line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const problems = await loadMaths("gsm8k", "dataset/tiny/benchmarks/gsm8k/test.jsonl");
 * assertEquals(problems[0].answer, "27");
 * ```
 */
export async function loadMaths(name: MathsDataset, path: string): Promise<MathsProblem[]> {
  const convert = CONVERT[name] as (line: unknown, index: number) => MathsProblem;
  const problems = (await readLines(name, path)).map(convert);
  if (problems.length === 0) throw new Error(`Cannot use ${path}: it has no problems`);
  const seen = new Set<string>();
  for (const { id } of problems) {
    if (seen.has(id)) throw new Error(`Cannot use ${path}: the id ${id} stands twice`);
    seen.add(id);
  }
  return problems;
}
