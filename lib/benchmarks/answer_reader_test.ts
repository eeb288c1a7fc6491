import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readAnswer, readAnswerStrictly } from "./answer_reader.ts";

const TAIL = "no number, no mark; it just goes on and on without end";

/** Response, answer as read, answer as read strictly (the same if left out). */
const CASES: [response: string, answer: string, strict?: string][] = [
  // Tags come first, the last closed pair that is not empty.
  ["<think>\\boxed{3}</think><answer> 7 </answer>\n9", "7"],
  ["<ANSWER>7</Answer>", "7"],
  ["<answer>1</answer> no, <answer>2</answer>", "2"],
  ["use <answer> tags: <answer>5</answer>", "5"],
  ["</answer><answer>5</answer>", "5"],
  ["<answer>5</answer><answer> </answer>", "5"],
  ["<answer>4</answer> or <answer>6", "4"],
  ["<answer>two\nlines</answer>", "two\nlines"],
  // Then boxes.
  ["\\boxed{1} \\boxed{2}", "2"],
  ["\\boxed{\\frac{1}{2}}, so 12", "\\frac{1}{2}"],
  ["\\boxed {\\sqrt{3}}", "\\sqrt{3}"],
  ["\\boxed{\\boxed{5}}", "5"],
  ["\\boxed{8} and then \\boxed{9", "8"],
  ["\\boxed{8} as in \\boxed{}", "8"],
  ["\\boxed{\\{1,2\\}}", "\\{1,2\\}"],
  ["\\boxed{[0, \\left\\{ 1 \\right.}", "[0, \\left\\{ 1 \\right."],
  ["} \\boxed{x}} {", "x"],
  ["<answer></answer> \\boxed{4}", "4"],
  ["<answer>is \\boxed{4}</answer>", "is \\boxed{4}"],
  // Then a number at the end of a line, for the transferability experiments only.
  ["so 3+4 = 7\nwhich is all", "7"],
  ["first 3\nthen 4\n\n", "4"],
  ["It costs -2.50.  \nyes", "-2.50"],
  ["Total: 1,250", "1,250"],
  ["It is 3/4.\nok", "3/4"],
  ["f(x)=7-5\nok", "5"],
  ["The answer is red.\nThis took 3", "3", "red"],
  ["12%\nno line ends well", "12"],
  // A choice's letter, or a letter alone.
  ["<answer>C. 12 cm</answer>", "12 cm", "C. 12 cm"],
  ["<answer>(b) red</answer>", "red", "(b) red"],
  ["\\boxed{D) 7}", "7", "D) 7"],
  ["<answer>c</answer>", "C", "c"],
  ["\\boxed{\\text{B}}", "B", "\\text{B}"],
  ["\\boxed{(A)}", "A", "(A)"],
  ["<answer>3.5</answer>", "3.5"],
  ["<answer>2) 7</answer>", "2) 7"],
  ["<answer>a-b</answer>", "a-b"],
  ["<answer>e^x</answer>", "e^x"],
  // Statements.
  ["The final answer is 2.5 cm. Done.", "2.5 cm"],
  ["ANSWER: red circle", "red circle"],
  ["The answer is:\n\n**blue**.", "blue"],
  ["This answers nothing. Therefore, the answer is green. Yes.", "green"],
  ["Hence x equals two. Thus y.", "x equals two"],
  ["He also sold pens, so the cat wins.", "cat wins"],
  ["The answer issue: none here, hence red.", "red"],
  [`The answer is ${"long ".repeat(30)}. So 5 it is`, "5 it is"],
  // The last number, else the end.
  ["From 3 to 1,250 pens!", "1,250"],
  ["At most \u22125 degrees!", "\u22125"],
  ["between 10-12 of them!", "12"],
  [TAIL, TAIL.slice(-50).trim()],
  ["\u{1f600}".repeat(60), "\u{1f600}".repeat(50)],
  ["", ""],
  ["  \n", ""],
];

Deno.test("answers are read in the paper's order", () => {
  for (const [response, answer, strict = answer] of CASES) {
    assertEquals(readAnswer(response), answer, response);
    if (!/\n/.test(response)) assertEquals(readAnswerStrictly(response), strict, response);
  }
});

Deno.test("the strict reader passes over line ends", () => {
  assertEquals(readAnswerStrictly("Sum: 3+4 = 7\nwhich is all, 8 at most"), "8");
  assertEquals(readAnswerStrictly("3\n**C**\nThe answer is x"), "x");
});

Deno.test("choices are read only of multiple choice", () => {
  const response = "Option C is the one to take, as the answer is plain. 7 of them";
  assertEquals(readAnswer(response, { multipleChoice: true }), "C");
  assertEquals(readAnswer(response), "plain");
  // A number at a line's end comes first, as in the original.
  assertEquals(readAnswer("so 5\nThe answer is (B)", { multipleChoice: true }), "5");
});

Deno.test("whatever the response, the answer is a trimmed part of it", () => {
  const pieces = fc.constantFrom(
    ...["<answer>", "</answer>", "\\boxed{", "{", "}", "\\", "answer is ", "so ", "\n", ". ", "3"],
    ...["-1.5", "1,000", "(C)", "**", "\\text{", "x", "\u{1f600}"],
  );
  const response = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(response, fc.boolean(), (text, multipleChoice) => {
      for (const answer of [readAnswer(text, { multipleChoice }), readAnswerStrictly(text)]) {
        assertEquals(answer, answer.trim());
        assertEquals(text.toUpperCase().includes(answer.toUpperCase()), true, answer);
        if (text.trim() !== "") assertEquals(answer === "", false);
      }
    }),
    { numRuns: 2000 },
  );
});
