import { assertAlmostEquals, assertEquals } from "@std/assert";
import { placesByNorm, squaredNorms } from "./squared_norms.ts";

Deno.test("squared norms are of the smaller side", () => {
  const matrix = Float32Array.of(1, 2, 3, -4, 5, 6);
  assertEquals(squaredNorms(matrix, [2, 3]), Float64Array.of(14, 77));
  assertEquals(squaredNorms(matrix, [3, 2]), Float64Array.of(1 + 9 + 25, 4 + 16 + 36));
  assertEquals(squaredNorms(matrix, [1, 6]), Float64Array.of(91));
  assertEquals(squaredNorms(matrix, [6, 1]), Float64Array.of(91));
});

Deno.test("squared norms hold the squares of any f32, and show what is not finite", () => {
  const [tiny, huge] = squaredNorms(Float32Array.of(1e-45, 0, 3e38, 0), [2, 2]);
  assertAlmostEquals(tiny / Math.fround(1e-45) ** 2, 1);
  assertAlmostEquals(huge / Math.fround(3e38) ** 2, 1);
  const norms = squaredNorms(Float32Array.of(1, NaN, 2, 2, -Infinity, 2), [3, 2]);
  assertEquals([...norms], [Infinity, NaN]);
});

Deno.test("places sort by ascending norm and keep the order of equals", () => {
  assertEquals(placesByNorm(Float64Array.of(3, 1, 2, 1)), Uint32Array.of(3, 0, 2, 1));
});
