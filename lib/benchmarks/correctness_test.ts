import { assertEquals } from "@std/assert";
import {
  type AnswerToJudge,
  type CorrectBy,
  judgeAnswer,
  judgeAnswerStrictly,
} from "./correctness.ts";

type Case = [answer: AnswerToJudge, by: CorrectBy | null, strictly?: CorrectBy | null];

const choices = ["5", "7", "1 2", "red"];
const answer = (predicted: string, gold: string, more: Partial<AnswerToJudge> = {}) => ({
  predicted,
  gold,
  ...more,
});

/** By which rule an answer is right, and by which strictly if it is another one. */
const CASES: Case[] = [
  // The letter that is chosen.
  [answer("C", "C"), "letter", "text"],
  [answer("The answer is (b).", "B"), null],
  [answer("The answer is (B).", "B"), "letter", "maths"],
  [answer("12 cm", "B", { response: "so <answer>B. 12 cm</answer>" }), "letter", null],
  [answer("12 cm", "b", { response: "option B" }), "letter", null],
  [answer("12 cm", "C", { response: "option B" }), null],
  [answer("7", "G", { choices }), null],
  // The choice that is chosen.
  [answer("B", "7", { choices }), "choice", null],
  [answer("c", "12", { choices }), "choice", null],
  [answer("A", "7", { choices }), null],
  [answer("E", "7", { choices }), null],
  [answer("B", "7"), null],
  [answer("B", "7", { choices: null }), null],
  // Equal texts.
  [answer(" Red  Circle", "red circle"), "text"],
  [answer("7", "7 ", { choices }), "text"],
  // One in the other, at least 90 % of it.
  [answer("red circles and blue", "red circles and blues"), "containment", null],
  [answer("abcdefghi", "abcdefghij"), "containment", null],
  [answer("abcdefgh", "abcdefghij"), null],
  [answer("3", "13"), null],
  // Mathematically equal.
  [answer("\\frac{1}{2}", "0.5"), "maths"],
  [answer("x = 5", "5"), "maths"],
  [answer("50\\%", "0.5"), "maths"],
  // Close numbers.
  [answer("1.009", "1"), "number"],
  [answer("1.0101", "1"), null],
  [answer("0.0000001", "0"), "number"],
  [answer("0.01", "0"), null],
  [answer("1,009%", "1000"), "number"],
  [answer("-100", "-100.5"), "number"],
  [answer("100", "-100"), null],
  // Nothing.
  [answer("", "5"), null],
  [answer("5", " "), null],
];

Deno.test("answers are judged by the first rule that holds", () => {
  for (const [given, by, strictly = by] of CASES) {
    const name = JSON.stringify(given);
    const want = (rule: CorrectBy | null) => ({
      correct: rule !== null,
      by: rule,
      undecided: false,
    });
    assertEquals(judgeAnswer(given), want(by), name);
    assertEquals(judgeAnswerStrictly(given), want(strictly), `${name} strictly`);
  }
});

Deno.test("an equality that cannot be decided counts as wrong and is told", () => {
  const unclosed = { predicted: "\\frac{1}{2", gold: "0.5" };
  const wrong = { correct: false, by: null, undecided: true };
  assertEquals(judgeAnswer(unclosed), wrong);
  assertEquals(judgeAnswerStrictly(unclosed), wrong);
});
