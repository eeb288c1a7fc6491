import { assertEquals } from "@std/assert";
import { Budget } from "./arithmetic.ts";
import { compareQuantities, readUnit, splitUnit } from "./quantities.ts";
import { Formulas } from "./values.ts";
import type { Verdict } from "./verdict.ts";

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

Deno.test("values are compared with their units", () => {
  const cases: [a: string, b: string, verdict: Verdict][] = [
    ["50\\%", "\\frac{1}{2}", "equal"],
    ["50\\%", "5", "different"],
    ["5\\text{cm}", "5\\text{kg}", "different"],
    ["\\sqrt{2}\\text{cm}", "\\sqrt{2}", "equal"],
    ["100\\sqrt{2}\\text{cm}", "\\sqrt{2}\\text{m}", "equal"],
    ["3\\text{pens}", "3\\text{cups}", "undecided"],
  ];
  for (const [a, b, verdict] of cases) {
    assertEquals(compareQuantities(a, b, new Formulas(new Budget(1e6))), verdict, `${a} ${b}`);
  }
});
