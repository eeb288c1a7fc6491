import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { exactMedian, precedence } from "./ranks.ts";
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

Deno.test("which of two samples comes first is scipy's U, its interval the roots of the score", () => {
  for (
    const [first, second, confidence, expected] of scipy.orders as [
      number[],
      number[],
      number,
      number[],
    ][]
  ) {
    const { value, low, high } = precedence(first, second).contrast(confidence);
    [value, low, high].forEach((one, i) => assertAlmostEquals(one, expected[i], 1e-10));
    const turned = precedence(second, first).contrast(confidence);
    assertAlmostEquals(turned.high, -low, 1e-12);
  }
  assertThrows(() => precedence([], [1]), RangeError, "one is empty");
});

Deno.test("an order that shows is one whose interval leaves out 0", () => {
  const { visible } = precedence(new Array(50).fill(0), new Array(80).fill(0));
  const least = visible({ confidence: 0.95, power: 0.5 })!;
  assertAlmostEquals(least, 1.959964 / Math.sqrt(50), 1e-6);
  assertEquals(precedence([1, 2], [3, 4]).visible({ confidence: 0.95, power: 0.8 }), null);
});
