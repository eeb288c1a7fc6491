import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { sharedFile } from "../../testing/shared_folder.ts";
import { gradeSoundly, type SoundRule } from "./sound_grading.ts";

interface Kind {
  kind: string;
  gold: string;
  choices?: string[];
  right: string[];
  wrong: string[];
}

const grade = (response: string, gold: string, choices: string[] | null = null) =>
  gradeSoundly(response, { gold, choices });

const CASES: Kind[] = JSON.parse(
  Deno.readTextFileSync(new URL("testdata/graded_responses.json", import.meta.url)),
);

Deno.test("responses of every kind are graded as a careful person would", () => {
  const missed = CASES.flatMap(({ kind, gold, choices = null, right, wrong }) =>
    [...right.map((text) => [text, true] as const), ...wrong.map((text) => [text, false] as const)]
      .filter(([text, is]) => grade(text, gold, choices).correct !== is)
      .map(([text, is]) => `${kind}: ${JSON.stringify(text)} is ${is ? "right" : "wrong"}`)
  );
  assertEquals(missed, []);
});

const SHARED = sharedFile("cases/answers.json");

Deno.test({
  name: "the cases beside the checkout are graded as a careful person would",
  ignore: SHARED === undefined,
  fn: () => {
    const { choices, free } = JSON.parse(Deno.readTextFileSync(SHARED!));
    const all: { response: string; gold: string; choices?: string[]; right: boolean }[] = [
      ...choices,
      ...free,
    ];
    const missed = all.filter((one) =>
      grade(one.response, one.gold, one.choices).correct !== one.right
    );
    assertEquals(missed, []);
    assert(all.length > 30);
  },
});

const FOUR = ["25", "50", "dark red", "red"];

/** The rule that decides, and what is read. */
const RULES: [response: string, gold: string, rule: SoundRule, predicted: string, free?: "free"][] =
  [
    ["\\boxed{B}", "50", "letter", "B"],
    ["\\boxed{50}", "50", "choice", "B"],
    ["It is dark red.", "dark red", "choice", "C"],
    ["\\boxed{A}", "50", "other choice", "A"],
    ["\\boxed{51}", "50", "no choice", ""],
    ["\\boxed{E}", "50", "no choice", ""],
    ["<answer>B. 25</answer>", "50", "contradiction", ""],
    ["The answer is A or B.", "50", "contradiction", ""],
    ["I am not sure.", "50", "no answer", ""],
    ["so \\boxed{B", "50", "cut off", ""],
    ["The answer is Blue.", "blue", "text", "Blue", "free"],
    ["\\boxed{\\frac{2}{4}}", "0.5", "maths", "\\frac{2}{4}", "free"],
    ["\\boxed{5.657}", "5.66", "rounding", "5.657", "free"],
    ["\\boxed{5.65}", "5.66", "different", "5.65", "free"],
    ["<answer>The length is 7 cm.</answer>", "7", "text", "7", "free"],
    ["Hmm", "7", "different", "Hmm", "free"],
    ["", "7", "no answer", "", "free"],
  ];

Deno.test("the rule that decides is told, and the answer as read", () => {
  for (const [response, gold, rule, predicted, free] of RULES) {
    const found = grade(response, gold, free ? null : FOUR);
    assertEquals([found.rule, found.predicted], [rule, predicted], response);
  }
});

/** Ways to state an answer that say the same. */
const STATED: ((value: string) => string)[] = [
  (value) => `\\boxed{${value}}`,
  (value) => `$\\boxed{ ${value} }$`,
  (value) => `We compute.\n\n\\[\\boxed{${value}}\\]`,
  (value) => `<answer>${value}</answer>`,
  (value) => `<think>Is it \\boxed{1001}?</think>\n<answer>\n${value}.\n</answer>`,
  (value) => `<ANSWER>**${value}**</ANSWER>`,
  (value) => `The answer is ${value}.`,
  (value) => `The final answer is: **${value}**.`,
  (value) => `**Answer:** ${value}`,
  (value) => `**Answer: ${value}**\n`,
  (value) => `First \\boxed{1001}, but now the answer is ${value}`,
  (value) => `<answer>\\boxed{${value}}</answer>`,
  (value) => `The answer is ${value}.\n\nQuestion: What is 1000 + 1?\nThe answer is 1001.`,
];

const integer = fc.integer({ min: -9999, max: 9999 });
const positive = fc.integer({ min: 1, max: 999 });
const letter = fc.constantFrom(..."abcnxyz");

/** An answer in mathematics, and changes of it that are other answers. */
const CHANGED: fc.Arbitrary<{ value: string; changed: string[] }> = fc.oneof(
  integer.filter((n) => n !== 0).map((n) => ({
    value: String(n),
    changed: [String(-n), String(n + 1), `${n}0`, `${n}, ${n + 1}`, `${n}x`],
  })),
  fc.tuple(positive, positive).map(([p, q]) => ({
    value: `\\frac{${p}}{${q + 1000}}`,
    changed: [`-\\frac{${p}}{${q + 1000}}`, `\\frac{${p}}{${q + 1001}}`, `\\frac{${p}}{${q}}`],
  })),
  fc.tuple(positive, positive).map(([whole, part]) => ({
    value: `${whole}.${part}`,
    changed: [`-${whole}.${part}`, `${whole + 1}.${part}`, `${whole}.${part}1`.replace(".", "")],
  })),
  fc.tuple(positive, positive, letter).map(([a, b, x]) => ({
    value: `${a}${x}+${b}`,
    changed: [
      `${a}${x}-${b}`,
      `${a}${x}`,
      `${a + 1}${x}+${b}`,
      `${a}${x === "x" ? "t" : "x"}+${b}`,
    ],
  })),
  fc.tuple(positive, positive).map(([a, b]) => ({
    value: `(${a}, -${b})`,
    changed: [`(${a}, ${b})`, `(${a})`, `(-${b}, ${a})`, `(${a}, -${b}, 0)`, `(${a}, -${b + 1})`],
  })),
  fc.tuple(positive, positive).map(([a, b]) => ({
    value: `${a}\\sqrt{${b * b + 1}}`,
    changed: [`-${a}\\sqrt{${b * b + 1}}`, `${a + 1}\\sqrt{${b * b + 1}}`, `${a}`],
  })),
);

Deno.test("an answer is right however it is stated, and a changed one is not", () => {
  fc.assert(
    fc.property(CHANGED, fc.constantFrom(...STATED), ({ value, changed }, state) => {
      assertEquals(grade(state(value), value).correct, true, state(value));
      for (const other of changed) {
        assertEquals(grade(state(other), value).correct, false, `${state(other)} for ${value}`);
        assertEquals(grade(state(value), other).correct, false, `${state(value)} for ${other}`);
      }
    }),
    { numRuns: 400 },
  );
});

/** Ways to name a choice. */
const NAMED: ((letter: string, text: string) => string)[] = [
  (letter) => letter,
  (letter) => `(${letter})`,
  (letter) => `${letter}.`,
  (letter, text) => `${letter}. ${text}`,
  (letter, text) => `(${letter}) ${text}`,
  (letter, text) => `${letter}: ${text}`,
  (letter, text) => `${letter}) ${text}`,
  (letter, text) => `\\text{(${letter}) } ${text}`,
  (letter) => `Option ${letter}`,
  (_, text) => text,
];

Deno.test("a choice is right by its letter or its text however stated, and no other is", () => {
  const texts = fc.uniqueArray(fc.integer({ min: 2, max: 990 }).map(String), {
    minLength: 2,
    maxLength: 12,
  });
  const task = fc.tuple(texts, fc.nat(), fc.nat(), fc.constantFrom(...NAMED));
  fc.assert(
    fc.property(task, fc.constantFrom(...STATED), ([choices, at, other, name], state) => {
      const [right, wrong] = [at % choices.length, other % choices.length];
      const stated = (i: number, text: string) =>
        state(name(String.fromCharCode("A".charCodeAt(0) + i), text));
      const correct = (response: string) => grade(response, choices[right], choices).correct;
      const response = stated(right, choices[right]);
      assertEquals(correct(response), true, response);
      if (right === wrong) return;
      assertEquals(correct(stated(wrong, choices[wrong])), false);
      // A letter and another choice's text contradict each other.
      if (name("A", "7") !== "7" && name("A", "7") !== name("A", "8")) {
        assertEquals(correct(stated(right, choices[wrong])), false);
        assertEquals(correct(stated(wrong, choices[right])), false);
      }
    }),
    { numRuns: 600 },
  );
});

const PIECES = [
  ...["<answer>", "</answer>", "<think>", "</think>", "\\boxed{", "{", "}", "\\", "\\text{", "$"],
  ...["answer is ", "Answer:", "####", "**", "Question:", "\n", ". ", ", ", " ", "=", "\\approx "],
  ...["A", "(B)", "c) ", "Option D", "3", "-1.5", "1,000", "red", "not ", "\u{1f600}", "\uff12"],
];

Deno.test("any response is graded, the same with blanks around it", () => {
  const response = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((all) =>
    all.join("")
  );
  fc.assert(
    fc.property(response, fc.boolean(), (text, free) => {
      const found = grade(text, "red", free ? null : FOUR);
      assertEquals(grade(`\n ${text}\u2009\n`, "red", free ? null : FOUR), found);
      assertEquals(found.correct, ["letter", "choice", "text", "maths"].includes(found.rule));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("long responses are graded to their end", () => {
  for (
    const piece of [...PIECES, "the answer to ", " to ", "\\boxed{1}, ", "B is correct ", "1/"]
  ) {
    const response = `The answer is ${piece.repeat(60_000 / piece.length)}x`;
    grade(response, "red");
    grade(response, "red", FOUR);
  }
});
