import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { randomSource } from "../testing/random_source.ts";
import { CONFIDENCE, type Contrast, largest, opposite, pValue, smallest } from "./contrast.ts";
import { twoSidedNormal } from "./normal.ts";
import { pairedShareDifference } from "./paired_shares.ts";

Deno.test("the smallest of several is below 0 as soon as one is, and above only if all are", () => {
  const at = (value: number, reach: number): Contrast => (confidence) => ({
    value,
    low: value - reach * (confidence > CONFIDENCE ? 2 : 1),
    high: value + reach * (confidence > CONFIDENCE ? 2 : 1),
  });
  assertEquals(smallest([at(3, 1), at(5, 4)])(CONFIDENCE), { value: 3, low: 1, high: 5 });
  assertEquals(smallest([at(3, 1), at(-3, 1)])(CONFIDENCE), { value: -3, low: -4, high: -1 });
  assertEquals(largest([at(-3, 1), at(3, 1)])(CONFIDENCE), { value: 3, low: 1, high: 4 });
  assertEquals(smallest([at(3, 1)])(CONFIDENCE), { value: 3, low: 2, high: 4 });
});

Deno.test("intervals of the smallest of three hold it in at least 95 % of random data", () => {
  const random = randomSource(11);
  const normal = () => Array.from({ length: 12 }, random).reduce((a, b) => a + b) - 6;
  const known = (value: number): Contrast => (confidence) => {
    const reach = twoSidedNormal(confidence);
    return { value, low: value - reach, high: value + reach };
  };
  const rounds = 1000;
  let below = 0;
  let above = 0;
  for (let round = 0; round < rounds; round++) {
    // All three are 0 in truth: the hardest case, since the smallest seen is below it.
    const { low, high } = smallest([0, 1, 2].map(() => known(normal())))(CONFIDENCE);
    if (low > 0) below++;
    if (high < 0) above++;
  }
  assert(below / rounds < 0.025, `${below} of ${rounds} too high`);
  assert(above / rounds < 0.045, `${above} of ${rounds} too low`);
  assert(above > 0, "an interval that never misses is not one of 95 %");
});

Deno.test("a p-value is where the interval begins to hold 0", () => {
  const found = pairedShareDifference({ n: 50, onlyFirst: 9, onlySecond: 1 });
  // McNemar's test without a correction: 64 / 10 is chi-squared of one degree of freedom.
  assertAlmostEquals(pValue(found), 0.0114120, 1e-6);
  assertAlmostEquals(pValue(opposite(found)), 0.0114120, 1e-6);
  assert(pValue(pairedShareDifference({ n: 50, onlyFirst: 4, onlySecond: 4 })) > 0.999);
});
