import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { chosenLetter } from "./answer_letter.ts";
import { answersDiffer } from "./answer_change.ts";
import { readAnswer, readAnswerStrictly } from "./answer_reader.ts";
import { TextScanner } from "./answer_scanner.ts";

/** Steps a character that a reader may take, in all of its passes. */
const STEPS_A_CHARACTER = 400;

const READERS = [
  readAnswerStrictly,
  (text: TextScanner) => readAnswer(text),
  (text: TextScanner) => readAnswer(text, { multipleChoice: true }),
  chosenLetter,
];

function check(text: string): void {
  for (const read of READERS) {
    const scanner = new TextScanner(text);
    read(scanner);
    const limit = STEPS_A_CHARACTER * (text.length + 10);
    assert(
      scanner.steps <= limit,
      `${scanner.steps} steps on ${JSON.stringify(text.slice(0, 60))}`,
    );
  }
}

const PIECES = [
  ..."{}<>()*.,: \n\t-/3A$",
  ...[
    "\\boxed{",
    "\\boxed",
    "<answer>",
    "</answer>",
    "answer is",
    "answer:",
    "so ",
    "is the ",
    "**",
  ],
  ...["option ", "1,234", "\\boxed{\\boxed{", "A is ", " would be", "\\{", "3.", "(C)"],
];

Deno.test("the more of anything, the more steps, in proportion", () => {
  for (const piece of PIECES) check(piece.repeat(50_000 / piece.length));
  check(`${"\\boxed{".repeat(1e5)}5${"}".repeat(1e5)}`);
  check("so is it A 3. ".repeat(1_000_000 / 14));
  check(`${"1".repeat(1_000_000)}x`);
  check(`1/${"1".repeat(1_000_000)}.5`);
  check(`The answer is ${"x".repeat(1_000_000)}`);
});

Deno.test("mixtures are read in a bounded number of steps a character", () => {
  const part = fc.tuple(fc.constantFrom(...PIECES), fc.integer({ min: 1, max: 300 }));
  const text = fc.array(part, { maxLength: 8 }).map((parts) =>
    parts.map(([piece, count]) => piece.repeat(count)).join("")
  );
  fc.assert(fc.property(text, (text) => check(text.repeat(3))), { numRuns: 300 });
});

Deno.test("long answers are compared without delay", () => {
  const points = ".".repeat(1_000_000);
  assertEquals(answersDiffer(`${points}x`, `${points}y`), true);
  assertEquals(answersDiffer(`x${points}`, "x"), false);
});

Deno.test("a scanner counts what it passes", () => {
  const scanner = new TextScanner("abCabc");
  assertEquals([scanner.indexOf("c"), scanner.steps], [5, 5]);
  assertEquals([scanner.indexOfAnyCase("c"), scanner.steps], [2, 5 + 6 + 2]);
  assertEquals([scanner.lastIndexOf("a", 5), scanner.steps], [3, 13 + 2]);
  assertEquals([scanner.slice(1, 3), scanner.steps], ["bC", 17]);
  assertEquals([scanner.at(9), scanner.steps], ["", 18]);
  assertEquals(new TextScanner("\u0130X").indexOfAnyCase("x"), 1);
});
