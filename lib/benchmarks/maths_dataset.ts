/**
 * Maths problems in words: MATH-500 and GSM8K in their published layouts (JSON Lines or parquet).
 *
 * @module
 */
import { z } from "zod";
import { filledText as text, readRows, withUniqueIds } from "./dataset_rows.ts";

export const MATHS_DATASETS = ["math500", "gsm8k"] as const;
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

/** Calculations in a GSM8K solution: annotated ones (<<2*3=6>>), else equal signs. */
function countSteps(solution: string): number | null {
  const annotated = solution.match(/<<[^>]*>>/g)?.length;
  return annotated ?? solution.match(/=/g)?.length ?? null;
}

function levelOf(level: number | string | null | undefined): number | null {
  const number = Number(String(level ?? "").match(/\d+/)?.[0]);
  return level === null || level === undefined || !Number.isInteger(number) ? null : number;
}

const SCHEMAS = {
  math500: z.object({
    unique_id: text,
    problem: text,
    answer: text,
    // The published file says 3, older copies "Level 3".
    level: z.union([z.number(), z.string()]).nullish(),
  }).transform(({ unique_id, problem, answer, level }) => ({
    id: unique_id,
    question: problem,
    answer,
    level: levelOf(level),
  })),
  gsm8k: z.object({ question: text, answer: text }).transform(({ question, answer }, context) => {
    const [solution, result = ""] = answer.split("####");
    const gold = result.replace(/[,$]/g, "").trim();
    if (gold === "") {
      const message = 'has no result after "####"';
      context.addIssue({ code: "custom", path: ["answer"], message });
    }
    return { id: "", question, answer: gold, level: countSteps(solution) };
  }),
} satisfies Record<MathsDataset, z.ZodType<MathsProblem>>;

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
  const schema: z.ZodType<MathsProblem> = SCHEMAS[name];
  const rows = await readRows(path, schema);
  // GSM8K has no ids: a problem is known by its place.
  return withUniqueIds(path, rows.map(({ value }, i) => ({ ...value, id: value.id || String(i) })));
}
