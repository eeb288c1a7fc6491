import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { MersenneTwister } from "./mersenne_twister.ts";
import { sampleIndices } from "./sampling.ts";
import fixtures from "./testdata/numpy_samples.json" with { type: "json" };

Deno.test("samples equal numpy's, index for index", () => {
  assert(fixtures.samples.length > 90);
  for (const { n, k, seed, indices } of fixtures.samples) {
    assertEquals(sampleIndices(n, { size: k, seed }), indices, `n ${n}, k ${k}, seed ${seed}`);
  }
});

Deno.test("the 10000th draw is the published one of MT19937", () => {
  // C++ standard, 26.6.6: the 10000th draw of mt19937 seeded with 5489.
  const generator = new MersenneTwister(5489);
  for (let i = 1; i < 10_000; i++) generator.uint32();
  assertEquals(generator.uint32(), 4123659995);
});

Deno.test("a sample is `size` different indices in range, ascending", () => {
  const numbers = fc.nat(400);
  fc.assert(fc.property(numbers, numbers, fc.nat(0xffffffff), (count, size, seed) => {
    const indices = sampleIndices(count, { size, seed });
    assertEquals(indices.length, Math.min(count, size));
    assert(indices.every((index, i) => index < count && (i === 0 || indices[i - 1] < index)));
  }));
});

Deno.test("a draw below a bound takes every value", () => {
  const generator = new MersenneTwister(1);
  const seen = new Set(Array.from({ length: 500 }, () => generator.upTo(6)));
  assertEquals([...seen].sort(), [0, 1, 2, 3, 4, 5, 6]);
  assertEquals(generator.upTo(0), 0);
});

Deno.test("unusable numbers are refused by name", () => {
  const seed = 123;
  assertThrows(() => sampleIndices(-1, { size: 1, seed }), RangeError, "count is -1");
  assertThrows(() => sampleIndices(5, { size: 1.5, seed }), RangeError, "size is 1.5");
  assertThrows(() => sampleIndices(5, { size: 1, seed: -1 }), RangeError, "with -1");
  assertThrows(() => sampleIndices(5, { size: 1, seed: 2 ** 32 }), RangeError, "4294967296");
  assertThrows(() => sampleIndices(5, { size: 9, seed: NaN }), RangeError, "NaN");
});
