import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { randomSource } from "../testing/random_source.ts";
import {
  CONFIDENCE,
  type Contrast,
  largest,
  meanContrast,
  opposite,
  pValue,
  smallest,
} from "./contrast.ts";
import { twoSidedNormal } from "./normal.ts";
import { pairedShareDifference } from "./paired_shares.ts";
import scipy from "./testdata/scipy_values.json" with { type: "json" };

Deno.test("a bootstrap of differences is paired", () => {
  // Two models that differ on every tenth sample only, whatever their accuracy.
  const a = Array.from({ length: 100 }, (_, i) => Number(i % 2 === 0));
  const b = a.map((value, i) => i % 10 === 0 ? 0 : value);
  const { value, low, high } = meanContrast(a.map((x, i) => x - b[i]), { seed: 1 })(0.95);
  assertEquals(value, 0.1);
  // The binomial standard error of 0.1 is 0.03; unpaired it would be 0.07.
  assert(low > 0.03 && low < 0.06 && high > 0.14 && high < 0.18, `${low} to ${high}`);
});

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
  const spread = Array.from({ length: 40 }, (_, i) => i < 26 ? 1 : -1);
  const p = pValue(meanContrast(spread, { seed: 2 }));
  assert(p > 0.02 && p < 0.1, String(p));
});

Deno.test("intervals of means are scipy's but for the luck of drawing", () => {
  for (const [values, [low, high], error] of scipy.resampled as [number[], number[], number][]) {
    const own = meanContrast(values, { rounds: 20000 })(0.95);
    // A quantile of 20,000 means is off by a fiftieth of a standard error.
    assertAlmostEquals(own.low, low, 0.06 * error);
    assertAlmostEquals(own.high, high, 0.06 * error);
  }
});
