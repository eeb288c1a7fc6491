import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { binomialChance } from "./beta.ts";
import { CONFIDENCE } from "./contrast.ts";
import { exactShare } from "./shares.ts";
import scipy from "./testdata/scipy_values.json" with { type: "json" };

Deno.test("exact intervals are scipy's, at the borders too", () => {
  for (const [k, n, confidence, low, high] of scipy.shares) {
    const own = exactShare(k, n)(confidence);
    assertEquals(own.value, k / n);
    assertAlmostEquals(own.low, low, 1e-11 + 1e-10 * low, `${k} of ${n}`);
    assertAlmostEquals(own.high, high, 1e-11 + 1e-10 * high, `${k} of ${n}`);
  }
});

Deno.test("the exact interval holds the share in 95 % of cases at least", () => {
  const intervals = Array.from({ length: 31 }, (_, k) => exactShare(k, 30)(CONFIDENCE));
  for (let p = 0.02; p < 1; p += 0.02) {
    const held = intervals.reduce(
      (sum, { low, high }, k) => low <= p && p <= high ? sum + binomialChance(k, 30, p) : sum,
      0,
    );
    assert(held >= CONFIDENCE, `${p}: ${held}`);
  }
});

Deno.test("what is no count is refused", () => {
  for (const [k, n] of [[1, 0], [3, 2], [-1, 2], [0.5, 2], [NaN, 2]]) {
    assertThrows(() => exactShare(k, n), RangeError, `${k} of ${n}`);
  }
});
