import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { answersDiffer } from "./answer_change.ts";

const CASES: [a: string, b: string, differ: boolean][] = [
  ["Three.", " three ", false],
  ["3", "13", true],
  ["red", "red square", true],
  ["red?!", "RED;:", false],
  ["nineteen characters", "nineteen characterz", true],
  // One of 20 characters or more: containing is enough.
  ["There are three cats here", "three", false],
  ["There are three cats here", "four", true],
  ["There are three cats.", "there are three cats in the picture", false],
  ["[10, 20, 30, 40, 50, 60]", "[10, 20, 30, 40, 50, 61]", true],
  ["", "", false],
  ["", "three", true],
  ["", "There are three cats here", true],
  [".", "There are three cats here", true],
  ["\u{1f600}".repeat(10), "\u{1f600}".repeat(9), true],
];

Deno.test("answers are compared as in the vision localization", () => {
  for (const [a, b, differ] of CASES) {
    assertEquals(answersDiffer(a, b), differ, `${a} | ${b}`);
    assertEquals(answersDiffer(b, a), differ, `${b} | ${a}`);
  }
});

Deno.test("no answer differs from itself, in any case or with a full stop", () => {
  const ascii = fc.string({ unit: "grapheme-ascii" });
  fc.assert(fc.property(ascii, (text) => !answersDiffer(text, `${text.trimEnd().toUpperCase()}.`)));
});

Deno.test("long answers are compared without delay", () => {
  const points = ".".repeat(1_000_000);
  assertEquals(answersDiffer(`${points}x`, `${points}y`), true);
  assertEquals(answersDiffer(`x${points}`, "x"), false);
});
