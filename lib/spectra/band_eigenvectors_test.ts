import { assertAlmostEquals, assertThrows } from "@std/assert";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { randomSource } from "../testing/random_source.ts";
import { bandEigenvectors, type BandMatrix } from "./band_eigenvectors.ts";

function bandOf(order: number, width: number, element: (i: number, j: number) => number) {
  const band = new Float64Array((order + 2 * width) * 2 * width);
  for (let j = 0; j < order; j++) {
    for (let d = 0; d < width && j + d < order; d++) band[j * 2 * width + d] = element(j + d, j);
    if (j + width < order) band[j * 2 * width + width] = element(j + width, j);
  }
  return { order, width, band };
}

const within =
  (width: number, element: (i: number, j: number) => number) => (i: number, j: number) =>
    Math.abs(i - j) <= width ? element(Math.max(i, j), Math.min(i, j)) : 0;

/** Vectors are of unit length, orthogonal to each other, and B times one is its value times it. */
function assertEigenvectors(
  { order, width }: BandMatrix,
  { vectors, values, element }: {
    vectors: Float64Array;
    values: Float64Array;
    element: (i: number, j: number) => number;
  },
) {
  const entry = within(width, element);
  const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  for (let k = 0; k < values.length; k++) {
    const vector = vectors.subarray(k * order, (k + 1) * order);
    for (let other = 0; other <= k; other++) {
      let product = 0;
      for (let i = 0; i < order; i++) product += vector[i] * vectors[other * order + i];
      assertAlmostEquals(product, Number(other === k), 1e-13, `vectors ${other} and ${k}`);
    }
    for (let i = 0; i < order; i++) {
      let sum = 0;
      for (let j = 0; j < order; j++) sum += entry(i, j) * vector[j];
      assertAlmostEquals(sum, values[k] * vector[i], 1e-13 * scale * order, `vector ${k} at ${i}`);
    }
  }
}

Deno.test("eigenvectors of random band matrices, from a diagonal to a full matrix", () => {
  const random = randomSource(21);
  for (const [order, width] of [[1, 1], [2, 1], [5, 4], [40, 1], [40, 7], [90, 32], [20, 32]]) {
    const entries = Array.from({ length: order * order }, () => random() - 0.5);
    const element = (i: number, j: number) => entries[i * order + j];
    const matrix = bandOf(order, width, element);
    const dense = new Matrix(
      Array.from(
        { length: order },
        (_, i) => Array.from({ length: order }, (_, j) => within(width, element)(i, j)),
      ),
    );
    const { realEigenvalues } = new EigenvalueDecomposition(dense, { assumeSymmetric: true });
    const values = Float64Array.from(realEigenvalues).sort().reverse().subarray(0, 20);
    const vectors = bandEigenvectors(matrix, values);
    assertEigenvectors(matrix, { vectors, values, element });
  }
});

Deno.test("equal values have orthonormal vectors, in one block and in many", () => {
  const identity = bandOf(30, 4, (i, j) => Number(i === j));
  const values = new Float64Array(30).fill(1);
  assertEigenvectors(identity, {
    vectors: bandEigenvectors(identity, values),
    values,
    element: (i, j) => Number(i === j),
  });
  // Every pair of rows is [[0, 1], [1, 0]]: 1 and -1, fifteen times each.
  const element = (i: number, j: number) => Number(i === j + 1 && j % 2 === 0);
  const pairs = bandOf(30, 3, element);
  const both = Float64Array.from({ length: 30 }, (_, i) => i < 15 ? 1 : -1);
  assertEigenvectors(pairs, { vectors: bandEigenvectors(pairs, both), values: both, element });
});

Deno.test("a value that is none, and elements that are not finite, are errors", () => {
  const matrix = bandOf(6, 2, (i, j) => Number(i === j));
  assertThrows(() => bandEigenvectors(matrix, Float64Array.of(1.5)), Error, "1.5 is not an eigen");
  matrix.band[8] = NaN;
  assertThrows(() => bandEigenvectors(matrix, Float64Array.of(1)), Error, "did not converge");
});
