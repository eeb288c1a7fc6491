import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { exactMedian, signedRankTest } from "./ranks.ts";
import scipy from "./testdata/scipy_values.json" with { type: "json" };

Deno.test("medians and their exact intervals are scipy's", () => {
  for (
    const [values, confidence, value, [low, high]] of scipy.medians as [
      number[],
      number,
      number,
      number[],
    ][]
  ) {
    assertEquals(exactMedian(values)(confidence), { value, low, high }, `${values.length} values`);
  }
});

Deno.test("a few values have a median without an interval, none have none", () => {
  assertEquals(exactMedian([1, 2, 3, 4, 5])(0.95), { value: 3, low: -Infinity, high: Infinity });
  assertThrows(() => exactMedian([]), RangeError, "no values");
});

Deno.test("the signed rank test is scipy's, and with ties that of all signs", () => {
  for (const [values, p] of scipy.signedRanks as [number[], number][]) {
    assertAlmostEquals(signedRankTest(values), p, 1e-10, `${values.length} values`);
    assertEquals(signedRankTest(values.map((value) => -value)), signedRankTest(values));
  }
  assertEquals(signedRankTest([]), 1);
});
