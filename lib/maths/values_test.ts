import { assert, assertEquals } from "@std/assert";
import { isRefused } from "./limits.ts";
import { readRational, sameRational } from "./rational.ts";
import { readUnit, splitUnit } from "./units.ts";
import { canonicalDecimal, ExactComparer, roundedDecimals } from "./values.ts";
import { allOf, anyOf, pairedInAnyOrder, type Verdict } from "./verdict.ts";

Deno.test("numbers are read exactly", () => {
  const cases: [tex: string, over: bigint, under: bigint][] = [
    ["-007.50", -15n, 2n],
    [".5", 1n, 2n],
    ["5.", 5n, 1n],
    ["-3\\frac{1}{2}", -7n, 2n],
    ["3\\frac{3}{2}", 9n, 2n],
    ["-\\frac{1}{-2}", 1n, 2n],
    ["\\frac{0.5}{-2}", -1n, 4n],
    ["-(3/4)", -3n, 4n],
    ["1.5\\cdot10^{-2}", 3n, 200n],
    ["2e3", 2000n, 1n],
    ["-10^{2}", -100n, 1n],
    ["0.1\\overline{6}", 1n, 6n],
    ["1011_{2}", 11n, 1n],
    ["-FF_{16}", -255n, 1n],
  ];
  for (const [tex, over, under] of cases) {
    const number = readRational(tex);
    assert(number && number.under > 0n && sameRational(number, { over, under }), tex);
  }
  const others = ["", ".", "-", "x", "1/0", "12_{2}", "5_{1}", "1e9999", "1,2", "\\overline{3}"];
  for (const tex of [...others, "1/2/3", "\\frac{x}{2}", "\\sqrt{4}", "3!"]) {
    assertEquals(readRational(tex), undefined, tex);
  }
});

Deno.test("decimals of any length are compared without being computed", () => {
  assertEquals(canonicalDecimal("-00.500"), canonicalDecimal("-.5"));
  assertEquals(canonicalDecimal("-0.0"), canonicalDecimal("0"));
  assert(canonicalDecimal("-5") !== canonicalDecimal("5"));
  assertEquals(canonicalDecimal("5/2"), undefined);
  assertEquals(["0.333333", "12.34567", "0.00001", "1.5", "123456"].map(roundedDecimals), [
    6,
    5,
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("units are parted from values and measured", () => {
  assertEquals(splitUnit("5\\text{cm}^{2}"), { value: "5", unit: "cm^2" });
  assertEquals(splitUnit("5^{\\circ}C"), { value: "5", unit: "degrees c" });
  assertEquals(splitUnit("\\text{There are}5\\text{pens}"), { value: "5" });
  assertEquals(splitUnit("\\text{It is not}5").value, "\\text{It is not}5");
  assertEquals(splitUnit("\\text{pens}").value, "\\text{pens}");
  assertEquals(splitUnit("\\sin30^{\\circ}").unit, undefined);
  assertEquals(readUnit("miles / hour"), undefined);
  assertEquals(readUnit("mile/hour")?.measure, readUnit("km/h")?.measure);
  assertEquals(readUnit("square feet")?.measure, "length^2");
  assertEquals(readUnit("square pens"), undefined);
});

Deno.test("the engine is asked only for what is not decided exactly", () => {
  const asked: string[][] = [];
  const comparer = new ExactComparer({
    values: (a, b) => {
      asked.push([a, b]);
      return "undecided";
    },
    equations: () => "undecided",
  });
  const cases: [a: string, b: string, verdict: Verdict][] = [
    ["\\frac{1}{2}", "0.5", "equal"],
    ["50\\%", "\\frac{1}{2}", "equal"],
    ["50\\%", "5", "different"],
    ["x", "y", "different"],
    ["x", "5", "different"],
    ["5\\text{cm}", "5\\text{kg}", "different"],
    ["\\sqrt{2}\\text{cm}", "\\sqrt{2}", "equal"],
  ];
  for (const [a, b, verdict] of cases) assertEquals(comparer.values(a, b), verdict, `${a} ${b}`);
  assertEquals(asked, []);
  assertEquals(comparer.values("\\sqrt{2}\\text{cm}", "(1.4)"), "undecided");
  assertEquals(comparer.values("e", "3"), "undecided");
  assertEquals(asked, [["\\sqrt{2}", "1.4"], ["e", "3"]]);
});

Deno.test("absurd values are refused, large ones are not", () => {
  const absurd = [
    "9^{9^{9}}",
    "2^{x^{2^{y}}}",
    "x^{10001}",
    "10001!",
    "(3!)!",
    "1e99999",
    "2^{3}^{4}",
  ];
  for (const tex of [...absurd, "1".repeat(201), "x+".repeat(400)]) assert(isRefused(tex), tex);
  for (const tex of ["2^{2^{3}}", "e^{x^{2}}", "x^{2023}", "100!", "1".repeat(200), "10^{100}"]) {
    assert(!isRefused(tex), tex);
  }
});

Deno.test("verdicts combine; what is undecided cannot make up for a difference", () => {
  assertEquals(allOf([]), "equal");
  assertEquals(allOf(["equal", "undecided"]), "undecided");
  assertEquals(allOf(["undecided", "different"]), "different");
  assertEquals(anyOf([]), "different");
  assertEquals(anyOf(["different", "undecided"]), "undecided");
  assertEquals(anyOf(["undecided", "equal"]), "equal");
});

Deno.test("members are paired one to one", () => {
  const table: Record<string, Verdict> = { ax: "equal", ay: "equal", bx: "equal", cz: "undecided" };
  const compare = (a: string, b: string) => table[a + b] ?? "different";
  const paired = (a: string, b: string) => pairedInAnyOrder([...a], [...b], compare);
  // a could take x, but b can take nothing else.
  assertEquals(paired("ab", "xy"), "equal");
  assertEquals(paired("abc", "xyz"), "undecided");
  assertEquals(paired("bb", "xy"), "different");
  assertEquals(paired("a", "xy"), "different");
});
