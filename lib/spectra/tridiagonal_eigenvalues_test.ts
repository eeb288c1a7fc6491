import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { tridiagonalEigenvalues } from "./tridiagonal_eigenvalues.ts";

Deno.test("the second difference matrix has its known eigenvalues", () => {
  for (const n of [1, 2, 3, 10, 500]) {
    const eigenvalues = tridiagonalEigenvalues({
      diagonal: new Float64Array(n).fill(2),
      subdiagonal: new Float64Array(n - 1).fill(-1),
    });
    eigenvalues.forEach((value, i) => {
      assertAlmostEquals(value, 2 + 2 * Math.cos((i + 1) * Math.PI / (n + 1)), 1e-14);
    });
  }
});

Deno.test("tridiagonal eigenvalues agree with ml-matrix, whole or in parts", () => {
  // ml-matrix fails on subnormal numbers.
  const normal = fc.double({ min: -10, max: 10, noNaN: true })
    .map((value) => Math.abs(value) < 1e-30 ? 0 : value);
  const element = fc.oneof(normal, fc.constant(0));
  const matrices = fc.integer({ min: 1, max: 25 }).chain((n) =>
    fc.tuple(
      fc.array(element, { minLength: n, maxLength: n }),
      fc.array(element, { minLength: n - 1, maxLength: n - 1 }),
    )
  );
  fc.assert(fc.property(matrices, ([diagonal, subdiagonal]) => {
    const dense = Matrix.diag(diagonal);
    subdiagonal.forEach((value, i) => dense.set(i, i + 1, value).set(i + 1, i, value));
    const expected = new EigenvalueDecomposition(dense, { assumeSymmetric: true })
      .realEigenvalues.toSorted((a, b) => b - a);
    const actual = tridiagonalEigenvalues({
      diagonal: Float64Array.from(diagonal),
      subdiagonal: Float64Array.from(subdiagonal),
    });
    assertEquals(actual.length, expected.length);
    actual.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-13));
  }));
});

Deno.test("a graded matrix keeps its small eigenvalues, whichever end they stand at", () => {
  // Positive definite with entries over 16 decades; the smallest eigenvalue is det / the others.
  const diagonal = Float64Array.of(1, 1e-8, 1e-16), subdiagonal = Float64Array.of(1e-5, 1e-13);
  const small = 1e-16 - 1e-26 / (1e-8 - 1e-10);
  for (const turned of [false, true]) {
    const [, , value] = tridiagonalEigenvalues({
      diagonal: turned ? diagonal.toReversed() : diagonal,
      subdiagonal: turned ? subdiagonal.toReversed() : subdiagonal,
    });
    assert(Math.abs(value - small) < 1e-9 * small, `${value} is not ${small}`);
  }
});

Deno.test("elements that are not finite end the iteration", () => {
  assertThrows(
    () =>
      tridiagonalEigenvalues({
        diagonal: Float64Array.of(1, NaN, 2),
        subdiagonal: Float64Array.of(1, 1),
      }),
    Error,
    "not finite",
  );
});
