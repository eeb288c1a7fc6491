import { assert, assertEquals, assertThrows } from "@std/assert";
import { studentQuantile } from "./student_t.ts";

Deno.test("quantiles are scipy's", () => {
  // scipy.stats.t.ppf(share, freedom)
  const reference: [number, number, number][] = [
    [0.975, 3, 3.1824463052837078],
    [0.975, 1, 12.706204736174694],
    [0.9958333, 2.7, 7.011264374712375],
    [0.9875, 30, 2.359562458700931],
    [0.99999, 0.6, 31243864.236816555],
    [0.975, 1e6, 1.959966356814107],
  ];
  for (const [share, freedom, expected] of reference) {
    const quantile = studentQuantile(share, freedom);
    assert(Math.abs(quantile / expected - 1) < 1e-8, `${share}, ${freedom}: ${quantile}`);
  }
  assertEquals(Math.round(1e9 * studentQuantile(0.5, 4)), 0);
});

Deno.test("shares and degrees of freedom out of range are refused", () => {
  for (const [share, freedom] of [[0.4, 3], [1, 3], [0.9, 0], [0.9, NaN]]) {
    assertThrows(() => studentQuantile(share, freedom), RangeError, String(share));
  }
});
