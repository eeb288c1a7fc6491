/**
 * How reasoning localization reads and judges a response.
 *
 * @module
 */
import { readAnswerStrictly } from "../benchmarks/answer_reader.ts";
import { judgeAnswerStrictly } from "../benchmarks/correctness.ts";
import type { ReasoningGrader } from "../probing/mod.ts";

/**
 * The original's stricter rules: tags or a box, no letters of choices, no containment; equality of
 * texts, numbers or mathematics.
 */
export const gradeStrictly: ReasoningGrader = (response, { answer: gold }) => {
  const predicted = readAnswerStrictly(response);
  const { correct, undecided } = judgeAnswerStrictly({ predicted, gold });
  return { predicted, correct, undecided };
};
