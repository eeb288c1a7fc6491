import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareMaths } from "./mod.ts";
import type { Verdict } from "./verdict.ts";
import { absurdAnswers } from "./testdata/absurd.ts";
import table from "./testdata/cases.json" with { type: "json" };
import recorded from "./testdata/recorded_verdicts.json" with { type: "json" };

const CASES = Object.entries(table).flatMap(([group, verdicts]) =>
  Object.entries(verdicts).flatMap(([verdict, pairs]) =>
    pairs.map(([a, b]) => ({ group, verdict: verdict as Verdict, a, b }))
  )
);

Deno.test("verdicts are as they should be, whichever answer comes first", () => {
  assert(CASES.length >= 600);
  for (const [i, { group, verdict, a, b }] of CASES.entries()) {
    const [x, y] = i % 2 === 0 ? [a, b] : [b, a];
    assertEquals(compareMaths(x, y), verdict, `${group}: ${x} | ${y}`);
  }
});

Deno.test("verdicts on pairs as graders are tested with are the recorded ones", () => {
  assert(recorded.length >= 300);
  for (const { kind, a, b, got } of recorded) {
    assertEquals(compareMaths(a, b), got, `${kind}: ${a} | ${b}`);
  }
  // Faults that are known: the record says which.
  const wrong = recorded.filter(({ want, got }) => got !== want);
  assertEquals(wrong.filter(({ got }) => got === "equal"), []);
  assert(wrong.length <= 0.05 * recorded.length);
});

const SHARED = new URL("../../../shared/cases/maths.json", import.meta.url);
let shared: { a: string; b: string; want: string }[] | undefined;
try {
  shared = JSON.parse(Deno.readTextFileSync(SHARED)).pairs;
} catch (error) {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

Deno.test({
  name: `verdicts on shared cases${
    shared ? "" : " SKIPPED: ../shared/cases/maths.json is not here"
  }`,
  ignore: !shared,
  fn() {
    for (const { a, b, want } of shared!) {
      assert(want.includes(compareMaths(a, b)), `${a.slice(0, 80)} | ${b.slice(0, 80)}: ${want}`);
    }
  },
});

Deno.test("absurd answers take no more steps than others, and are never equal to another", () => {
  const answers = absurdAnswers();
  assert(answers.length >= 300);
  for (const [i, { answer, another, again }] of answers.entries()) {
    assert(compareMaths(answer, another) !== "equal", answer.slice(0, 80));
    if (i % 5 === 3) compareMaths(again, answer);
  }
});

const nines = "9".repeat(100_000);

Deno.test("answers too long to look into are texts or decimals", () => {
  const cases: [a: string, b: string, verdict: Verdict][] = [
    [nines, `0${nines}.0`, "equal"],
    [nines, `${nines.slice(1)}8`, "different"],
    [`${nines}x`, `${nines}y`, "undecided"],
    [`0.${"0".repeat(100_000)}1`, "0", "different"],
    ["x".repeat(100_000), "x ".repeat(100_000), "equal"],
  ];
  for (const [a, b, verdict] of cases) assertEquals(compareMaths(a, b), verdict);
});

Deno.test("pieces of mathematics in any order never throw, and verdicts have no direction", () => {
  const piece = fc.constantFrom(
    ..."{}()[]$,.:;-+*/^_=<|%~x1e!' \\½∞",
    ...["\\text{", "\\text{a}", "\\frac", "\\sqrt[", "^{\\circ}", "\\begin{pmatrix}", "\\\\", "&"],
    ...["\\end{pmatrix}", " or ", "\\pm ", "\\cup ", "1 1/2 ", "\\{", "\\}", "\\sin ", "\\ldots "],
    ...["\\left.", "\\binom", "\\sum_{k=1}^{3}", "\\le ", "10^", "1,000", "\\infty", "f(", "**"],
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  fc.assert(fc.property(text, text, (a, b) => {
    assertEquals(compareMaths(a, b), compareMaths(b, a), `${a} | ${b}`);
  }));
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
