import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { CONFIDENCE, pValue } from "./contrast.ts";
import { meanDifference } from "./difference.ts";
import { meanContrast } from "./means.ts";
import { studentQuantile } from "./student.ts";
import scipy from "./testdata/scipy_values.json" with { type: "json" };

Deno.test("quantiles of Student's distribution are scipy's", () => {
  for (const [confidence, freedom, t] of scipy.student) {
    // 1 - confidence has only so many digits.
    const digits = 1e-10 + 1e-15 / (1 - confidence);
    assertAlmostEquals(studentQuantile(confidence, freedom) / t, 1, digits, `${freedom}`);
  }
});

type Mean = [number[], number, [number, number], number, number | null];

Deno.test("means have scipy's intervals and p-values, and show what its noncentral t says", () => {
  for (const [values, confidence, [low, high], p, visible] of scipy.means as Mean[]) {
    const { contrast, visible: ownVisible } = meanDifference(values, values.map(() => 0));
    const own = contrast(confidence);
    assertAlmostEquals(own.low, low, 1e-9);
    assertAlmostEquals(own.high, high, 1e-9);
    assertAlmostEquals(pValue(contrast), p, 1e-9);
    if (visible === null) continue;
    assertAlmostEquals(ownVisible({ confidence: CONFIDENCE, power: 0.8 })! / visible, 1, 0.01);
  }
});

Deno.test("samples that all agree have the sign test's p and interval", () => {
  for (const [n, p, low] of scipy.agreements) {
    const all = new Array<number>(n).fill(1);
    const { contrast, visible } = meanDifference(all, all.map(() => 0));
    assertAlmostEquals(contrast(CONFIDENCE).low, low, 1e-12);
    assertAlmostEquals(pValue(contrast), p, 1e-12);
    assertEquals(contrast(CONFIDENCE).high, 1);
    const against = meanContrast(all.map((value) => -value))(CONFIDENCE);
    assertEquals([against.low, against.high], [-1, -contrast(CONFIDENCE).low]);
    // Not 0: a rare effect could have gone unseen.
    const seen = visible({ confidence: CONFIDENCE, power: 0.8 });
    assert(n < 5 ? seen === null : seen! > 0.04, `${n}: ${seen}`);
  }
});

Deno.test("no difference at all decides nothing, and no samples are refused", () => {
  const none = meanContrast(new Array(50).fill(0));
  assertEquals([none(0.95), pValue(none)], [{ value: 0, low: 0, high: 0 }, 1]);
  assertThrows(() => meanContrast([]), RangeError, "no samples");
});
