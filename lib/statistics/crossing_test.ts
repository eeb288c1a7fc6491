import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { crossing } from "./crossing.ts";

Deno.test("crossings are found to the last digits, in few steps where a function is smooth", () => {
  const functions: [(x: number) => number, number, number][] = [
    [(x) => 0.3 - x, 0.3, 6],
    [(x) => Math.cos(x) - x, 0.7390851332151607, 14],
    [(x) => 1e-6 - x ** 3, 0.01, 60],
    [(x) => Math.exp(-40 * x) - 1e-9, Math.log(1e9) / 40, 60],
    // A step, and a function without bounds.
    [(x) => x < 1 / 3 ? 1 : -1, 1 / 3, 120],
    [(x) => Math.log((1 - x) / x), 0.5, 10],
    [(x) => x < 0.25 ? Infinity : -Infinity, 0.25, 120],
  ];
  for (const [value, at, most] of functions) {
    let steps = 0;
    const found = crossing((x) => {
      steps++;
      return value(x);
    }, [0, 1]);
    assertAlmostEquals(found, at, 1e-14, String(value));
    assert(steps <= most, `${steps} steps for ${value}`);
  }
});

Deno.test("without a crossing the end is found where it would be", () => {
  assertEquals(crossing(() => -1, [0, 1]) < 1e-50, true);
  assertAlmostEquals(crossing(() => 1, [0, 1]), 1, 1e-15);
});
