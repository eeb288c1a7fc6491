import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { binomialChance } from "./beta.ts";
import { CONFIDENCE } from "./contrast.ts";
import { exactShare, wilsonInterval } from "./shares.ts";
import scipy from "./testdata/scipy_values.json" with { type: "json" };

Deno.test("exact and Wilson intervals are scipy's, at the borders too", () => {
  for (const [k, n, confidence, ...intervals] of scipy.shares as [number, number, number][]) {
    const exact = exactShare(k, n)(confidence);
    assertEquals(exact.value, k / n);
    const own = [[exact.low, exact.high], wilsonInterval(k / n, { n, confidence })];
    (intervals as unknown as number[][]).forEach((ends, i) =>
      ends.forEach((end, j) =>
        assertAlmostEquals(
          own[i][j],
          end,
          1e-11 + 1e-10 * end,
          `${["exact", "Wilson"][i]} ${k} of ${n}`,
        )
      )
    );
  }
});

/** How often the interval holds the share, through all counts. */
function coverage(share: typeof exactShare, n: number, p: number): number {
  let held = 0;
  for (let k = 0; k <= n; k++) {
    const { low, high } = share(k, n)(CONFIDENCE);
    if (low <= p && p <= high) held += binomialChance(k, n, p);
  }
  return held;
}

const wilsonShare: typeof exactShare = (k, n) => (confidence) => {
  const [low, high] = wilsonInterval(k / n, { n, confidence });
  return { value: k / n, low, high };
};

Deno.test("the exact interval holds the share in 95 % of cases at least, Wilson's on average", () => {
  const shares = Array.from({ length: 49 }, (_, i) => (i + 1) / 50);
  const exact = shares.map((p) => coverage(exactShare, 30, p));
  const wilson = shares.map((p) => coverage(wilsonShare, 30, p));
  assertEquals(exact.filter((held) => held < CONFIDENCE), []);
  const mean = wilson.reduce((sum, held) => sum + held, 0) / wilson.length;
  assertAlmostEquals(mean, CONFIDENCE, 0.01);
});

Deno.test("what is no count is refused", () => {
  for (const [k, n] of [[1, 0], [3, 2], [-1, 2], [0.5, 2], [NaN, 2]]) {
    assertThrows(() => exactShare(k, n), RangeError, `${k} of ${n}`);
  }
});
