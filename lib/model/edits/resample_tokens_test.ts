import { assertAlmostEquals, assertEquals } from "@std/assert";
import { resampleTokens } from "./tokens.ts";

Deno.test("tokens are resampled as torch's interpolate does", () => {
  // torch.nn.functional.interpolate(torch.tensor([[[0., 1., 4., 9., 16.]]]), size=n,
  //   mode="linear", align_corners=False)
  const source = Float32Array.from([0, 1, 4, 9, 16]);
  const expected: [number, number[]][] = [
    [3, [0.333333, 4, 13.666667]],
    [8, [0, 0.4375, 1.1875, 3.0625, 5.5625, 8.6875, 12.9375, 16]],
    [1, [4]],
  ];
  for (const [count, values] of expected) {
    const result = resampleTokens(source, 1, count);
    assertEquals(result.length, count);
    values.forEach((value, i) => assertAlmostEquals(result[i], value, 1e-5));
  }
  assertEquals(resampleTokens(source, 1, 5), source);
  // Columns do not mix.
  assertEquals(
    resampleTokens(Float32Array.from([0, 10, 1, 20]), 2, 1),
    Float32Array.from([0.5, 15]),
  );
});
