import { assert, assertAlmostEquals } from "@std/assert";
import { normalTail, twoSidedNormal } from "./normal.ts";
import scipy from "./testdata/scipy_values.json" with { type: "json" };

Deno.test("quantiles of the normal distribution are scipy's", () => {
  for (const [confidence, z] of scipy.normal) {
    assertAlmostEquals(twoSidedNormal(confidence), z, confidence > 0.9999999 ? 1e-5 : 1e-11);
    assertAlmostEquals(normalTail(z), (1 - confidence) / 2, 1e-15);
    assertAlmostEquals(normalTail(-z), (1 + confidence) / 2, 1e-15);
  }
});

Deno.test("the series and the continued fraction of the normal tail meet", () => {
  const jump = normalTail(3) / normalTail(3 + 1e-12) - 1;
  assert(Math.abs(jump) < 1e-11, String(jump));
});
