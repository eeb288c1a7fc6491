import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareMaths, type Verdict } from "./mod.ts";
import table from "./testdata/cases.json" with { type: "json" };

const CASES = Object.entries(table).flatMap(([group, verdicts]) =>
  Object.entries(verdicts).flatMap(([verdict, pairs]) =>
    pairs.map(([a, b]) => ({ group, verdict: verdict as Verdict, a, b }))
  )
);

/** Letters that name a function in one answer and a quantity in another. */
const LETTERS = [
  ...[["f(x+1)", "fx+f"], ["a(b+c)", "ab+ac"], ["f(x)", "xf"], ["N(x)", "Nx"], ["g(2)", "2g"]],
];

Deno.test("verdicts", async (t) => {
  await t.step("are as they should be", () => {
    assert(CASES.length >= 400);
    for (const [i, { group, verdict, a, b }] of CASES.entries()) {
      const [x, y] = i % 2 === 0 ? [a, b] : [b, a];
      assertEquals(compareMaths(x, y), verdict, `${group}: ${x} | ${y}`);
    }
  });
  await t.step("do not depend on the order or on what was compared before", () => {
    const ask = (pairs: string[][]) => pairs.map(([a, b]) => compareMaths(a, b));
    const first = ask(LETTERS);
    assertEquals(first[1], "equal");
    const again = ask(LETTERS.toReversed().map(([a, b]) => [b, a]));
    assertEquals(again, first.toReversed());
  });
});

const nines = "9".repeat(100_000);

/** Answers that would take all time or memory, and what is said of them. */
const ABSURD: [a: string, b: string, verdict: Verdict][] = [
  ["9^{9^{9^{9}}}", "9^{9^{9}}", "undecided"],
  ["9^9^9^9", "1", "undecided"],
  ["2^{2^{2^{2^{2}}}}", "2^{2^{2^{2^{2}}}}", "equal"],
  ["10^{999999999}", "1", "undecided"],
  ["1e999999999", "1", "undecided"],
  ["1000000!", "1", "undecided"],
  ["((9!)!)!", "1", "undecided"],
  [nines, `0${nines}.0`, "equal"],
  [nines, `${nines.slice(1)}8`, "different"],
  [nines, "x+1", "undecided"],
  [`\\frac{${nines}}{3}`, "1", "undecided"],
  [`0.${"0".repeat(100_000)}1`, "0", "different"],
  [`${"0".repeat(100_000)}1`, "1", "equal"],
  ["{".repeat(1000), "1", "undecided"],
  ["}}}{{{", "1", "undecided"],
  ["\\frac{1}{", "0.5", "undecided"],
  ["\\left(", "1", "undecided"],
  ["(".repeat(1500) + "1" + ")".repeat(1500), "2", "undecided"],
  ["\\sqrt{".repeat(200) + "x" + "}".repeat(200), "x", "undecided"],
  ["\\boxed{".repeat(300), "1", "undecided"],
  ["1,".repeat(1500) + "1", "1,".repeat(1500) + "2", "undecided"],
  ["x+".repeat(1900) + "1", "x", "undecided"],
  ["a".repeat(1_000_000), "b".repeat(1_000_000), "undecided"],
];

Deno.test("absurd answers are refused before anything is computed", () => {
  for (const [a, b, verdict] of ABSURD) {
    assertEquals(compareMaths(a, b), verdict, `${a.slice(0, 40)} | ${b.slice(0, 40)}`);
  }
});

Deno.test("pieces of mathematics in any number are spelled and compared at once", () => {
  const pieces = [
    ..."{}()[]$,.:-*/^_=<|%~x1 \\'½∞",
    ...[
      "\\text{",
      "\\text{a}",
      "\\frac",
      "\\sqrt(",
      "^(",
      "a b ",
      "1 000 ",
      "1,000",
      "\\left.",
      ", \\!",
    ],
    ...[
      "^\\circ",
      "\\begin{pmatrix}",
      "\\\\[",
      "$1",
      "x 10^",
      "or ",
      "\\pm ",
      "\\cup ",
      "1 1/2 ",
      "\\{",
    ],
  ];
  for (const piece of pieces) {
    const text = piece.repeat(4000 / piece.length - 1);
    const verdict = compareMaths(text, `${text} 7`);
    assert(verdict !== "equal", piece);
  }
});

Deno.test("a number is equal to itself however it is written, and to no other", () => {
  const over = fc.integer({ min: -9999, max: 9999 });
  const under = fc.constantFrom(1, 2, 4, 5, 8, 10, 16, 25, 100);
  fc.assert(fc.property(over, under, (p, q) => {
    const [size, sign] = [Math.abs(p), p < 0 ? "-" : ""];
    const [whole, rest] = [Math.floor(size / q), size % q];
    const spellings = [
      `${p}/${q}`,
      `\\frac{${p}}{${q}}`,
      `$${sign}\\dfrac{${3 * size}}{${3 * q}}$`,
      String(p / q),
      `${(p / q).toFixed(6)}.`,
      `${p * 1000 / q} \\times 10^{-3}`,
      rest === 0 ? `${sign}${whole}` : `${sign}${whole} ${rest}/${q}`,
      `x = ${(p / q).toLocaleString("en-US", { maximumFractionDigits: 6 })}`,
    ];
    for (const spelling of spellings) {
      assertEquals(compareMaths(spelling, spellings[0]), "equal", spelling);
      const other = `${p + 1}/${q}`;
      assertEquals(compareMaths(spelling, other), "different", `${spelling} ${other}`);
    }
  }));
});
