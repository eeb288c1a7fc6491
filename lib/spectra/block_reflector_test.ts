import { assertAlmostEquals } from "@std/assert";
import { Matrix } from "ml-matrix";
import { compactFactor, halfCorrection } from "./block_reflector.ts";

const N = 7, K = 4;
const V = new Matrix(Array.from({ length: N }, (_, i) =>
  Array.from({ length: K }, (_, j) => {
    const pivot = N - K + j;
    return i < pivot ? Math.sin(1 + i + N * j) : i === pivot ? 1 : 0;
  })));
/** The factors that make each reflector orthogonal; the second does nothing. */
const TAU = Float64Array.from({ length: K }, (_, j) => {
  const column = V.getColumn(j);
  return j === 1 ? 0 : 2 / column.reduce((sum, x) => sum + x * x, 0);
});

/** H[k-1] ... H[0], multiplied out. */
function product(): Matrix {
  let q = Matrix.eye(N);
  for (let j = 0; j < K; j++) {
    const v = V.getColumnVector(j);
    q = Matrix.sub(Matrix.eye(N), v.mmul(v.transpose()).mul(TAU[j])).mmul(q);
  }
  return q;
}

function assertMatrix(actual: Matrix, expected: Matrix) {
  for (let i = 0; i < expected.rows; i++) {
    for (let j = 0; j < expected.columns; j++) {
      assertAlmostEquals(actual.get(i, j), expected.get(i, j), 1e-13, `element ${i}, ${j}`);
    }
  }
}

const flat = (matrix: Matrix) => Float64Array.from(matrix.to1DArray());
const square = (data: Float64Array) => Matrix.from1DArray(K, K, Array.from(data));

Deno.test("I - V T V^T is the product of the reflectors", () => {
  const t = square(compactFactor(TAU, flat(V.transpose().mmul(V))));
  assertMatrix(Matrix.sub(Matrix.eye(N), V.mmul(t).mmul(V.transpose())), product());
});

Deno.test("A - V W^T - W V^T is the matrix seen from both sides", () => {
  const a = new Matrix(
    Array.from(
      { length: N },
      (_, i) => Array.from({ length: N }, (_, j) => Math.cos(Math.min(i, j) + 3 * Math.max(i, j))),
    ),
  );
  const factor = compactFactor(TAU, flat(V.transpose().mmul(V)));
  const av = a.mmul(V);
  const m = square(halfCorrection(factor, flat(V.transpose().mmul(av)), K));
  const w = Matrix.sub(av.mmul(square(factor)), V.mmul(m));
  const updated = Matrix.sub(a, V.mmul(w.transpose())).sub(w.mmul(V.transpose()));
  assertMatrix(updated, product().transpose().mmul(a).mmul(product()));
});
