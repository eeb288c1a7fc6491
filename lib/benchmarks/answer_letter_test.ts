import { assertEquals } from "@std/assert";
import { chosenLetter } from "./answer_letter.ts";

const CASES: [text: string, letter: string | undefined][] = [
  ["<answer>B</answer> **C**", "B"],
  ["<answer>(b)</answer>", "B"],
  ["It is \\boxed{\\text{D}}, not **C**", "D"],
  ["\\boxed{ a }", "A"],
  ["The correct answer is (C), not option A", "C"],
  ["the answer is: **E**", "E"],
  ["Answer: F\nsince G", "F"],
  ["Final Answer: (H)", "H"],
  ["We pick, among A and B, the second (B)", "B"],
  ["We pick, among A and C, the second (C).", "C"],
  ["Among A and B:\nB.\nas shown", "B"],
  ["G.", "G"],
  ["A or B? **(B)** it is", "B"],
  ["A? No: option C", "C"],
  ["Choice D fits A well", "D"],
  ["Not A; E is the correct one", "E"],
  ["Not A; F would be right", "F"],
  ["B is correct, while C is the best", "B"],
  ["I select D over A", "D"],
  ["choose **C** over A", "C"],
  ["Of these, B", "B"],
  ["Take C, or D", "C"],
  // No letter of its own.
  ["The answer is Blue", undefined],
  ["The answer is 7", undefined],
  ["option Both", undefined],
  ["choose a number", undefined],
  ["Absolutely", undefined],
  ["x_A and B2", undefined],
  ["", undefined],
  // A lone letter counts near the end only.
  [`Take B ${"because it is so ".repeat(10)}`, undefined],
];

Deno.test("letters are read by the usual phrasings, marked ones first", () => {
  for (const [text, letter] of CASES) assertEquals(chosenLetter(text), letter, text);
});
