import { assertEquals, assertThrows } from "@std/assert";
import { exactMedian } from "./median.ts";
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
