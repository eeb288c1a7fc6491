import { assert, assertEquals, assertThrows } from "@std/assert";
import { createRandom } from "./random.ts";

Deno.test("createRandom() gives the numbers of an independent implementation", () => {
  // FNV-1a seeds and sfc32 written in Python with unbounded integers masked to 32 bits.
  const random = createRandom("a fixed label");
  assertEquals(Array.from({ length: 8 }, () => random.integer(0, 99)), [
    50,
    26,
    98,
    15,
    64,
    25,
    30,
    51,
  ]);
});

Deno.test("integer() draws every value about equally often", () => {
  const random = createRandom("uniform");
  const counts = new Array(6).fill(0);
  for (let i = 0; i < 60_000; i++) counts[random.integer(1, 6) - 1]++;
  const chiSquare = counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
  assert(chiSquare < 20.5, `chi-square ${chiSquare} of 5 degrees of freedom: p < 0.001`);
});

Deno.test("streams of different labels are different", () => {
  const draw = (label: string) => {
    const random = createRandom(label);
    return Array.from({ length: 10 }, () => random.integer(0, 999));
  };
  assert(draw("a/1").join() !== draw("a/2").join());
});

Deno.test("sample() draws different elements, and no more than there are", () => {
  const random = createRandom("sample");
  for (let i = 0; i < 100; i++) {
    assertEquals(new Set(random.sample([1, 2, 3, 4, 5], 5)).size, 5);
  }
  assertThrows(() => random.sample([1], 2), RangeError, "Cannot draw 2");
});
