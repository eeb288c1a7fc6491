/**
 * Reading and judging the answers of the transferability experiments by the rules.
 *
 * @module
 */
import { readAnswer } from "./answer_reader.ts";
import { type CorrectBy, judgeAnswer } from "./correctness.ts";

/** A response and what would be right. */
export interface GradedResponse {
  response: string;
  gold: string;
  /** Texts of the lettered choices; null where the answer is free. */
  choices: readonly string[] | null;
}

/** What the rules say of a response. */
export interface RuleGrade {
  predicted: string;
  correct: boolean;
  by: CorrectBy | null;
  /** Whether mathematical equality could not be decided; it then counts as wrong. */
  undecided: boolean;
}

/**
 * Grades a response by the rules of the paper's evaluation.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { predicted, correct } = gradeResponse({
 *   response: "<think>3 and 4</think><answer>B</answer>",
 *   gold: "7",
 *   choices: ["5", "7"],
 * });
 * assertEquals([predicted, correct], ["B", true]);
 * ```
 */
export function gradeResponse({ response, gold, choices }: GradedResponse): RuleGrade {
  const predicted = readAnswer(response, { multipleChoice: choices !== null });
  return { predicted, ...judgeAnswer({ predicted, gold, response, choices }) };
}
