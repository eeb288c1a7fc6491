import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { meanRatio } from "./ratio.ts";
import scipy from "./testdata/scipy_values.json" with { type: "json" };

Deno.test("a ratio's ends are where scipy finds the mean z standard errors from 0", () => {
  for (
    const [first, second, value, [low, high]] of scipy.ratios as [
      number[],
      number[],
      number,
      number[],
    ][]
  ) {
    const own = meanRatio(first, second)!;
    for (const [a, b] of [[own.value, value], [own.low, low], [own.high, high]]) {
      assertAlmostEquals(a, b, 1e-10);
    }
  }
});

Deno.test("without a gain there is no share of it, and one of itself is all of it", () => {
  const column = [1, 0, 0, 1, 1, 0, 1, 1, 0, 1];
  assertEquals(meanRatio(column, column.map((value, i) => i % 2 ? value : -value)), null);
  assertEquals(meanRatio(column, column)!.value, 1);
  assertThrows(() => meanRatio([1], [1]), RangeError, "1 and 1 samples");
});

Deno.test("where no sample is off the ratio, as large a share may be as none of n shows", () => {
  for (const [n, share] of scipy.unseen) {
    const all = new Array<number>(n).fill(1);
    const { value, low, high } = meanRatio(all, all)!;
    assertEquals(value, 1);
    assertAlmostEquals(high - 1, share, 1e-12);
    assertAlmostEquals(1 - low, share, 1e-12);
    // Of twice the gain it is half as much.
    const half = meanRatio(all, all.map(() => 2))!;
    assertAlmostEquals(half.high - half.value, share / 2, 1e-12);
  }
});
