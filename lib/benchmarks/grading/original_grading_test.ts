import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { asciiDigits } from "../../ascii_digits.ts";
import { judgeOriginal, type OriginalRule, readOriginal } from "./original_grading.ts";
import * as port from "./testdata/original_port.ts";

const compare = () => "different" as const;
const free = { choices: null };

/** Response, answer as read, answer as the reasoning localization reads it if that is another. */
const READ: [response: string, answer: string, strict?: string][] = [
  // The first tag counts, even an empty one.
  ["<answer>1</answer> no, <ANSWER> 2 </Answer>", "1"],
  ["<think>\\boxed{3}</think><answer>7</answer>", "7"],
  ["\\boxed{4} <answer> </answer>\n5", "4"],
  ["<answer></answer> The answer is red. 5", "red"],
  ["<answer>4 or <answer>6", "6", "6"],
  // Of boxes the last, closed or not; a brace is a brace.
  ["\\boxed{1} \\boxed{2}", "2"],
  ["\\boxed{8} and \\boxed{9", "9"],
  ["\\boxed{[0, \\left\\{ 1 \\right.} so x} ", "[0, \\left\\{ 1 \\right.} so x"],
  ["\\boxed {\\frac{1}{2}}", "\\frac{1}{2}"],
  // A first letter or digit goes.
  ["<answer>C. 12 cm</answer>", "12 cm", "C. 12 cm"],
  ["<answer>3.14</answer>", "14", "3.14"],
  ["<answer>2:30</answer>", "30", "2:30"],
  ["\\boxed{4-2}", "2", "4-2"],
  ["so 0.5", "5", "0"],
  ["<answer>c</answer>", "C", "c"],
  ["<answer>(b) red</answer>", "(b) red"],
  // Numbers at line ends.
  ["so 3+4 = 7\nwhich is all", "7", "7"],
  ["It costs -2.50.  \nyes", "50.", "-2.50"],
  ["Total: 1,250", "250"],
  // Statements end at any full stop, and only there or at the response's end.
  ["The final answer is 2.5 cm. Done", "2"],
  ["the answer is red\nas shown", "the answer is red\nas shown"],
  ["the answer is red\nHence, the answer is blue.", "blue"],
  ["He also sold pens", "sold pens"],
  [`The answer is ${"long ".repeat(30)}`, `The answer is ${"long ".repeat(30)}`.trim().slice(-50)],
  ["between 10-12 of them!", "-12"],
  ["\u{1f600}".repeat(60), "\u{1f600}".repeat(50)],
  ["It is \u0663\x85", "\u0663"],
  ["", ""],
];

Deno.test("responses are read as the original reads them", () => {
  for (const [response, answer, strict = answer] of READ) {
    assertEquals(readOriginal(response, free), answer, response);
    assertEquals(readOriginal(response, free, { strict: true }), strict, response);
  }
});

Deno.test("letters of choices are read as the original reads them", () => {
  const read = (response: string) => readOriginal(response, { choices: ["5", "7"] });
  assertEquals(read("A clear image is needed to say."), "A");
  assertEquals(read("I select best"), "B");
  assertEquals(read("The correct answer is (C), not option A"), "C");
  assertEquals(read("Among A and B:\nB.\nas shown"), "B");
  assertEquals(read("so 5\nThe answer is (B)"), "5");
  const long = "as it seems good ".repeat(10).trim();
  assertEquals(read(`Take B ${long}`), long.slice(-50));
});

type Case = [predicted: string, gold: string, rule: OriginalRule, strict?: OriginalRule];
const choices = ["5", "7", "1 2", "red"];

/** The rule that decides, and the one of the reasoning localization. */
const JUDGED: Case[] = [
  ["C", "C", "letter", "text"],
  ["12 cm", "b", "letter", "none"],
  ["B", "7", "choice", "none"],
  ["c", "12", "choice", "none"],
  ["E", "7", "none"],
  [" Red  Circle", "red circle", "text"],
  ["abcdefghi", "abcdefghij", "containment", "none"],
  ["-\\frac{1}{2}", "\\frac{1}{2}", "containment", "none"],
  ["abcdefgh", "abcdefghij", "none"],
  ["2008", "2015", "number"],
  ["1.0101", "1", "none"],
  ["1e-19", "2e-19", "number"],
  ["1,009%", "1_000", "number"],
  ["\uff15.0", "5", "number"],
  ["100", "-100", "none"],
  ["inf", "5", "none"],
  ["", "5", "none"],
];

Deno.test("answers are judged by the first of the original's rules that holds", () => {
  for (const [predicted, gold, rule, strictly = rule] of JUDGED) {
    const answer = { predicted, response: "so option B" };
    const judge = (strict: boolean) =>
      judgeOriginal(answer, { gold, choices }, { compare, strict });
    const name = JSON.stringify([predicted, gold]);
    assertEquals(judge(false), { correct: rule !== "none", rule }, name);
    assertEquals(judge(true), { correct: strictly !== "none", rule: strictly }, name);
  }
});

Deno.test("mathematics is asked before numbers, and an open question counts as wrong", () => {
  const judge = (predicted: string, verdict: "equal" | "undecided") =>
    judgeOriginal({ predicted, response: "" }, { gold: "100", choices: null }, {
      compare: () => verdict,
    });
  assertEquals(judge("x", "equal"), { correct: true, rule: "maths" });
  assertEquals(judge("x", "undecided"), { correct: false, rule: "undecided" });
  assertEquals(judge("100.5", "undecided"), { correct: true, rule: "number" });
});

const PIECES = [
  ...["<answer>", "</answer>", "<ANSWER>", "\\boxed{", "\\boxed {", "}", "{", "\\{", "\\}"],
  ...["the answer is ", "The answer is: ", "The correct answer is (", "Answer: ", "answer", " is"],
  ...[":", "so ", "therefore, ", "thus", "hence ", ",", ".", ". ", "\n", "\n\n", " ", "\t", "- "],
  ...["A", "B", "C", "b", "h", "(C)", "**B**", "**", "option ", "Choice C", "D is correct"],
  ...["E would be the best", "select ", "choose F", "G.", "\nH.\n", "3", "-1.5", "1,000", "12."],
  ...[".5", "7-5", "2:30", "0.5", "3.14", "C. red", "b) 12", "1) x", "1e-7", "50%", "red", "x"],
  ...["blue circle", "the ", "final ", "correct ", "=", "$", "\\frac{1}{2}", "a_B", "B2", "long "],
];
const GOLDS = ["A", "b", "H", "3", "3.14", "14", "red", "1000", "12", "0.5", "-1.5", "2:30", "50"];
const LISTS = [null, ["red", "blue circle", "12", "3"], ["B", "A", "D", "C"], ["14", "0.5"]];

Deno.test("2,000 generated responses are graded as by a second writing of the rules", () => {
  const task = fc.record({
    response: fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((all) => all.join("")),
    gold: fc.constantFrom(...GOLDS),
    choices: fc.constantFrom(...LISTS),
    strict: fc.boolean(),
  });
  let right = 0;
  fc.assert(
    fc.property(task, ({ response, strict, ...task }) => {
      const predicted = readOriginal(response, task, { strict });
      assertEquals(predicted, port.read(response, task.choices, strict));
      const { correct } = judgeOriginal({ predicted, response }, task, { compare, strict });
      assertEquals(correct, port.isRight(predicted, response, { ...task, strict }));
      right += Number(correct);
    }),
    { numRuns: 2000 },
  );
  assert(right > 20, "too few of the generated responses are right");
});

/** Texts on which a pattern that looks back takes steps by the square of the length or more. */
const LONG = [
  ..."{}<>()*.,: \n\t-/3A$",
  ...["\\boxed{", "\\boxed", "<answer>", "</answer>", "answer is", "answer is\n", "answer:", "so "],
  ...["is the ", "**", "option ", "1,234", "A is ", " would be", "\\{", "3.", "(C)", "the "],
];

Deno.test("long responses are read to their end", () => {
  for (const piece of LONG) {
    for (const end of ["", "x", "\nx", "."]) {
      const response = `The answer is${piece.repeat(100_000 / piece.length)}${end}`;
      for (const choices of [null, ["5", "7"]]) {
        const predicted = readOriginal(response, { choices });
        judgeOriginal({ predicted, response }, { gold: "B", choices }, { compare });
      }
    }
  }
});

Deno.test("digits of every script are read", () => {
  assertEquals(asciiDigits("\u0663\uff16-\u{1d7d9}.5x"), "36-1.5x");
});
