import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { binomialChance } from "./beta.ts";
import { CONFIDENCE, type Interval } from "./contrast.ts";
import { pairedPower, pairedShareDifference, smallestDifference } from "./paired_shares.ts";
import scipy from "./testdata/scipy_values.json" with { type: "json" };

Deno.test("the score interval is that of a likelihood that scipy maximises", () => {
  for (const [n, onlyFirst, onlySecond, confidence, ends] of scipy.paired) {
    const counts = { n, onlyFirst, onlySecond } as {
      n: number;
      onlyFirst: number;
      onlySecond: number;
    };
    const { value, low, high } = pairedShareDifference(counts)(confidence as number);
    const [expectedLow, expectedHigh] = ends as number[];
    assertEquals(value, (counts.onlyFirst - counts.onlySecond) / counts.n);
    // The likelihood is flat at its top: maximising it finds half of a number's digits.
    assertAlmostEquals(low, expectedLow, 1e-7, JSON.stringify(counts));
    assertAlmostEquals(high, expectedHigh, 1e-7, JSON.stringify(counts));
  }
});

/** All tables of n pairs, each with its chance. */
function* tables(n: number, first: number, second: number) {
  for (let onlyFirst = 0; onlyFirst <= n; onlyFirst++) {
    for (let onlySecond = 0; onlySecond <= n - onlyFirst; onlySecond++) {
      const chance = binomialChance(onlyFirst, n, first) *
        binomialChance(onlySecond, n - onlyFirst, second / (1 - first));
      yield { n, onlyFirst, onlySecond, chance };
    }
  }
}

Deno.test("the score interval holds the difference in 94 % of cases at least", () => {
  const designs: [number, number][] = [[0.05, 0.05], [0.2, 0.05], [0.1, 0], [0.3, 0.3], [0.6, 0.1]];
  for (const [first, second] of designs) {
    let held = 0;
    for (const { chance, ...counts } of tables(30, first, second)) {
      if (chance < 1e-9) continue;
      const { low, high }: Interval = pairedShareDifference(counts)(CONFIDENCE);
      if (low <= first - second && first - second <= high) held += chance;
    }
    assert(held > 0.94 && held < 0.995, `${first} and ${second}: ${held}`);
  }
});

Deno.test("turned counts give the interval turned, and no difference one that has a width", () => {
  const [a, b] = [[12, 2], [2, 12]].map(([onlyFirst, onlySecond]) =>
    pairedShareDifference({ n: 100, onlyFirst, onlySecond })(CONFIDENCE)
  );
  assertAlmostEquals(a.low, -b.high, 1e-12);
  assertAlmostEquals(a.high, -b.low, 1e-12);
  const none = pairedShareDifference({ n: 100, onlyFirst: 0, onlySecond: 0 })(CONFIDENCE);
  assert(none.low < -0.03 && none.high > 0.03);
});

Deno.test("power and the smallest difference are those of going through all tables", () => {
  for (const [n, discordance, smallest, power] of scipy.powers) {
    assertAlmostEquals(pairedPower(0.05, { n, discordance }), power, 1e-9);
    assertAlmostEquals(smallestDifference({ n, discordance })!, smallest, 1e-9);
  }
});

Deno.test("what is no count, or no share, is refused", () => {
  for (const [n, onlyFirst, onlySecond] of [[0, 0, 0], [5, 3, 3], [5, -1, 0], [5.5, 1, 1]]) {
    assertThrows(() => pairedShareDifference({ n, onlyFirst, onlySecond }), RangeError);
  }
  for (
    const [n, discordance, power] of [[0, 0.1, 0.8], [9, 1.1, 0.8], [9, 0.1, 1], [9, NaN, 0.8]]
  ) {
    assertThrows(() => smallestDifference({ n, discordance, power }), RangeError, String(n));
  }
});
