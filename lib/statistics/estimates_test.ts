import { assert, assertEquals, assertThrows } from "@std/assert";
import { differenceEstimate, meanEstimate, shareEstimate } from "./estimates.ts";
import { meanContrast } from "./means.ts";
import { pairedShareDifference } from "./paired_shares.ts";
import { exactShare } from "./shares.ts";

Deno.test("estimates of marks are the intervals of their counts; nulls are left out", () => {
  const marks = [1, 0, null, 1, 1, 0, 1, null];
  const { value, low, high } = exactShare(4, 6)(0.95);
  assertEquals(shareEstimate(marks), { n: 6, mean: value, low, high });
  const changes = [1, -1, 1, 0, null, 1];
  const paired = pairedShareDifference({ n: 5, onlyFirst: 3, onlySecond: 1 })(0.95);
  assertEquals(differenceEstimate(changes), {
    ...{ n: 5, mean: paired.value, low: paired.low, high: paired.high },
  });
});

Deno.test("where all samples agree the interval still has a width, without any there is none", () => {
  const all = shareEstimate(new Array(100).fill(1));
  assert(all.mean === 1 && all.high === 1 && Math.abs(all.low! - 0.9638) < 1e-4);
  const alike = differenceEstimate(new Array(100).fill(0));
  assert(alike.mean === 0 && alike.low! < -0.03 && alike.high! > 0.03);
  const none = { n: 0, mean: null, low: null, high: null };
  assertEquals([shareEstimate([null]), differenceEstimate([]), meanEstimate([])], [
    none,
    none,
    none,
  ]);
});

Deno.test("means leave nulls out, and of one value they have no interval", () => {
  const { value, low, high } = meanContrast([0.5, 2, 1])(0.95);
  assertEquals(meanEstimate([0.5, null, 2, 1]), { n: 3, mean: value, low, high });
  assertEquals(meanEstimate([null, 3]), { n: 1, mean: 3, low: null, high: null });
});

Deno.test("what is no mark is refused", () => {
  assertThrows(() => shareEstimate([0, 0.5]), RangeError, "Cannot count 0.5: marks are 0, 1");
  assertThrows(() => shareEstimate([-1]), RangeError, "Cannot count -1");
  assertThrows(() => differenceEstimate([2]), RangeError, "Cannot count 2");
});
