/**
 * How reasoning localization reads and judges a response.
 *
 * @module
 */
import { readAnswerStrictly } from "../evaluation/answer_reader.ts";
import type { ReasoningGrader } from "../probing/mod.ts";

/** The original's stricter rules: tags or a box, no letters of choices, no containment. */
export const gradeStrictly: ReasoningGrader = (response, { answer }) => {
  const predicted = readAnswerStrictly(response);
  const plain = (text: string) => text.toLowerCase().replaceAll(/\s+/g, "");
  const [a, b] = [plain(predicted), plain(answer)];
  const number = (text: string) => text === "" ? NaN : Number(text.replaceAll(",", ""));
  return { predicted, correct: a === b || Math.abs(number(a) - number(b)) <= 1e-6 };
};
