/**
 * Reading and judging the answers of the transferability experiments by the rules.
 *
 * @module
 */
import { readAnswer } from "./answer_reader.ts";
import { type CorrectBy, judgeAnswer } from "./correctness.ts";
import { MathsComparer } from "../maths/maths_equality.ts";

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
 * Grades responses by the rules of the paper's evaluation. Release it with `await using`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * await using grader = new RuleGrader();
 * const { predicted, correct } = await grader.grade({
 *   response: "<think>3 and 4</think><answer>B</answer>",
 *   gold: "7",
 *   choices: ["5", "7"],
 * });
 * assertEquals([predicted, correct], ["B", true]);
 * ```
 */
export class RuleGrader implements AsyncDisposable {
  readonly #comparer = new MathsComparer();

  /** Reads the answer out of a response and judges it. */
  async grade({ response, gold, choices }: GradedResponse): Promise<RuleGrade> {
    const predicted = readAnswer(response, { multipleChoice: choices !== null });
    const judged = await judgeAnswer({ predicted, gold, response, choices }, this.#comparer);
    return { predicted, ...judged };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#comparer.dispose();
  }
}
