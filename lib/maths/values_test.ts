import { assertEquals } from "@std/assert";
import { Budget } from "./arithmetic.ts";
import { canonicalDecimal, Formulas, roundedDecimals } from "./values.ts";
import type { Verdict } from "./verdict.ts";

const formulas = () => new Formulas(new Budget(2e6));

Deno.test("decimals of any length are compared without being computed", () => {
  assertEquals(canonicalDecimal("-00.500"), canonicalDecimal("-.5"));
  assertEquals(canonicalDecimal("-0.0"), canonicalDecimal("0"));
  assertEquals(canonicalDecimal("-5") === canonicalDecimal("5"), false);
  assertEquals(["5/2", ".", "", "-", "1.2.3"].map(canonicalDecimal), Array(5).fill(undefined));
  assertEquals(["0.333333", "12.34567", "0.00001", "1.5", "123456"].map(roundedDecimals), [
    6,
    5,
    undefined,
    undefined,
    undefined,
  ]);
});

const CASES: [a: string, b: string, verdict: Verdict][] = [
  // Nothing underflows, overflows or cancels into equality.
  ["\\frac{1}{200!}", "\\frac{1}{201!}", "different"],
  ["(\\frac{1}{2})^{2000}", "(\\frac{1}{3})^{2000}", "different"],
  ["e^{-3000}", "e^{-3001}", "different"],
  ["1+e^{-1000}", "1", "different"],
  ["1-\\frac{1}{2004!}", "1", "different"],
  ["\\sqrt{10^{120}+1}-10^{60}", "0", "different"],
  ["\\frac{1}{\\sqrt{10^{40}+1}-10^{20}}", "\\sqrt{10^{40}+1}+10^{20}", "equal"],
  ["\\sqrt{10^{120}+1}-10^{60}", "\\frac{1}{\\sqrt{10^{120}+1}+10^{60}}", "equal"],
  ["1+e^{-e^{10}}", "1", "undecided"],
  ["x+10^{-70}", "x", "different"],
  ["\\sqrt{2}x+10^{-70}", "\\sqrt{2}x", "different"],
  ["\\frac{x}{2004!}", "\\frac{x}{2006!}", "different"],
  ["e^{\\pi\\sqrt{163}}", "262537412640768744", "different"],
  ["\\sin10^{-5}", "10^{-5}", "different"],
  // Numbers by other ways.
  ["2^{1/2}\\cdot3^{1/2}", "\\sqrt{6}", "equal"],
  ["(1+i\\sqrt{3})^{3}", "-8", "equal"],
  ["\\frac{1}{1+i}", "\\frac{1-i}{2}", "equal"],
  ["\\sqrt[3]{-8}", "-2", "equal"],
  ["\\arctan1", "\\frac{\\pi}{4}", "equal"],
  ["\\sin^{-1}\\frac{1}{2}", "\\frac{\\pi}{6}", "equal"],
  ["\\sum_{k=1}^{4}k^{2}", "30", "equal"],
  ["\\prod_{k=1}^{5}k", "5!", "equal"],
  ["\\lceil\\pi\\rceil", "4", "equal"],
  ["0.333\\ldots", "\\frac{1}{3}", "equal"],
  ["0.1666\\ldots", "\\frac{1}{6}", "equal"],
  ["0.33\\ldots", "\\frac{1}{3}", "undecided"],
  ["3.14159\\ldots", "\\pi", "equal"],
  ["3.14159\\ldots", "3.141590", "equal"],
  ["1/0", "2/0", "undecided"],
  // Letters.
  ["\\ln x^{2}", "2\\ln|x|", "equal"],
  ["\\sqrt{x^{2}}", "x", "different"],
  ["f(x+x)+1", "1+f(2x)", "equal"],
  ["f(x)", "g(x)", "different"],
  ["(n+1)!", "(n+1)n!", "equal"],
  ["a-bi", "a+bi", "different"],
  ["3e+5", "5+3e", "different"],
  ["\\max(a,b)", "\\max(b,a)", "equal"],
  ["\\gcd(12,18)", "\\gcd(6,30)", "equal"],
  ["\\sqrt{x}\\sqrt{y}", "\\sqrt{xy}", "equal"],
  ["\\triangle x", "x", "undecided"],
];

Deno.test("formulas have the same value or not", () => {
  for (const [a, b, verdict] of CASES) {
    assertEquals(formulas().same(a, b), verdict, `${a} ${b}`);
    assertEquals(formulas().same(b, a), verdict, `${b} ${a}`);
  }
});

Deno.test("equations are the same up to a factor, inequalities up to a positive one", () => {
  const { equations, inequalities } = {
    equations: (a: string, b: string) => formulas().equations(a.split("="), b.split("=")),
    inequalities: (a: string, b: string) => formulas().inequalities(a.split(">"), b.split(">")),
  };
  assertEquals(equations("y=\\frac{1}{x}", "xy=1"), "equal");
  assertEquals(equations("x^{-2}=y", "1=x^{2}y"), "equal");
  assertEquals(equations("y=x^{2}", "y=x^{3}"), "different");
  assertEquals(equations("y=\\sqrt{2}x", "\\sqrt{2}y=2x"), "equal");
  assertEquals(inequalities("x>y", "-y>-x"), "equal");
  assertEquals(inequalities("x>y", "2x+1>2y+1"), "equal");
  assertEquals(inequalities("x>y", "y>x"), "different");
  assertEquals(inequalities("x^{2}>4", "x^{4}>16"), "undecided");
});

Deno.test("what needs more steps than there are ends the comparison", () => {
  let ended = false;
  try {
    new Formulas(new Budget(1000)).same("\\sin x+\\cos x", "\\cos x+\\sin x");
  } catch {
    ended = true;
  }
  assertEquals(ended, true);
});
