import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { randomSource } from "../testing/random_source.ts";
import {
  CONFIDENCE,
  type Contrast,
  fewDifference,
  fewMean,
  largest,
  meanContrast,
  smallest,
} from "./contrast.ts";

const A = [1.2, 0.7, 2.9, 1.1, 3.3];
const B = [0.2, 0.4, -0.5, 0.1];

Deno.test("intervals of few values are scipy's", () => {
  const welch = fewDifference(A, B)(0.95);
  // From scipy.stats.ttest_ind(A, B, equal_var=False) and its degrees of freedom.
  assertAlmostEquals(welch.low, 0.3548979301207884, 1e-9);
  assertAlmostEquals(welch.high, 3.2251020698792114, 1e-9);
  const mean = fewMean(A)(0.9);
  // scipy.stats.t.interval(0.9, 4, mean, sem)
  assertAlmostEquals(mean.low, 0.7208311965863587, 1e-9);
  assertAlmostEquals(mean.high, 2.9591688034136405, 1e-9);
  assertEquals(fewMean([2, 2, 2])(0.95), { value: 2, low: 2, high: 2 });
  assertThrows(() => fewMean([1]), RangeError, "spread of 1 values");
  assertThrows(() => fewDifference(A, []), RangeError, "spread of 0 values");
});

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
  assertEquals(smallest([at(3, 1), at(5, 4)]), { value: 3, low: 1, high: 5 });
  assertEquals(smallest([at(3, 1), at(-3, 1)]), { value: -3, low: -4, high: -1 });
  assertEquals(largest([at(-3, 1), at(3, 1)]), { value: 3, low: 1, high: 4 });
  assertEquals(smallest([at(3, 1)]), { value: 3, low: 2, high: 4 });
});

Deno.test("intervals of the smallest of three hold it in at least 95 % of random data", () => {
  const random = randomSource(11);
  const normal = () => Array.from({ length: 12 }, random).reduce((a, b) => a + b) - 6;
  const rounds = 400;
  let below = 0;
  let above = 0;
  for (let round = 0; round < rounds; round++) {
    // All three are 0 in truth: the hardest case, since the smallest seen is below it.
    const contrasts = [0, 1, 2].map(() => fewMean(Array.from({ length: 8 }, normal)));
    const { low, high } = smallest(contrasts);
    if (low > 0) below++;
    if (high < 0) above++;
  }
  assert(below / rounds < 0.025, `${below} of ${rounds} too high`);
  assert(above / rounds < 0.045, `${above} of ${rounds} too low`);
  assert(above > 0, "an interval that never misses is not one of 95 %");
});
