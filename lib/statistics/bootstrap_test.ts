import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { bootstrapMeans } from "./bootstrap.ts";

Deno.test("a share's interval is as wide as the normal approximation says", () => {
  for (const [n, ones] of [[400, 120], [900, 810]]) {
    const column = Array.from({ length: n }, (_, i) => i < ones ? 1 : 0);
    const [{ mean, low, high }] = bootstrapMeans([column], { seed: 3 });
    const share = ones / n;
    const half = 1.959964 * Math.sqrt(share * (1 - share) / n);
    assertEquals(mean, share);
    assertAlmostEquals(low!, share - half, 0.2 * half);
    assertAlmostEquals(high!, share + half, 0.2 * half);
  }
});

Deno.test("columns are paired: a constant difference has no width", () => {
  const a = [0.1, 0.9, 0.4, 0.3, 0.8, 0.2];
  const b = a.map((value) => value + 0.25);
  const [difference] = bootstrapMeans([b.map((value, i) => value - a[i])]);
  assertAlmostEquals(difference.low!, 0.25);
  assertAlmostEquals(difference.high!, 0.25);
  // With the same resamples the intervals of a and b are shifted copies.
  const [first, second] = bootstrapMeans([a, b]);
  assertAlmostEquals(second.low! - first.low!, 0.25);
  assertAlmostEquals(second.high! - first.high!, 0.25);
});

Deno.test("intervals hold the mean, repeat with the seed and do not depend on other columns", () => {
  const value = fc.option(fc.double({ min: -5, max: 5, noNaN: true }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), fc.nat(99), (column, seed) => {
      const options = { seed, rounds: 60 };
      const [alone] = bootstrapMeans([column], options);
      const [, again] = bootstrapMeans([column.map(() => 1), column], options);
      assertEquals(again, alone);
      const values = column.filter((entry) => entry !== null);
      assertEquals(alone.n, values.length);
      if (values.length === 0) return assertEquals(alone.mean, null);
      assertAlmostEquals(alone.mean!, values.reduce((x, y) => x + y, 0) / values.length);
      assert(alone.low! <= alone.high!);
      assert(alone.low! >= Math.min(...values) - 1e-9 && alone.high! <= Math.max(...values) + 1e-9);
    }),
    { numRuns: 40 },
  );
});

Deno.test("nothing to resample, and bad arguments", () => {
  assertEquals(bootstrapMeans([[]]), [{ n: 0, mean: null, low: null, high: null }]);
  assertThrows(() => bootstrapMeans([[1], [1, 2]]), RangeError, "1 and 2");
  assertThrows(() => bootstrapMeans([[1]], { rounds: 0 }), RangeError, "0 times");
});
