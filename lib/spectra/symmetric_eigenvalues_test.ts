import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { SymmetricEigenSolver } from "./symmetric_eigenvalues.ts";
import type { SymmetricTiles } from "./symmetric_tiles.ts";

/** Cuts the lower half of a symmetric matrix into tiles, zero behind its order. */
function tilesOf(
  order: number,
  element: (i: number, j: number) => number,
  offsets: number[],
): SymmetricTiles {
  const tiles = Array.from(
    { length: offsets.length - 1 },
    (_, bi) =>
      Array.from({ length: bi + 1 }, (_, bj) => {
        const rows = offsets[bi + 1] - offsets[bi], columns = offsets[bj + 1] - offsets[bj];
        return Float64Array.from({ length: rows * columns }, (_, at) => {
          const i = offsets[bi] + Math.floor(at / columns), j = offsets[bj] + at % columns;
          return i < order && j < order ? element(i, j) : 0;
        });
      }),
  );
  return { offsets, tiles };
}

async function eigenvalues(
  order: number,
  element: (i: number, j: number) => number,
  denseOrder: number,
): Promise<Float64Array> {
  const solver = new SymmetricEigenSolver({ threads: 2, denseOrder });
  const tiles = tilesOf(order, element, solver.blockOffsets(order));
  const { values } = await solver.decompose(tiles, order);
  await solver.release();
  return values;
}

const STAGES = [["one stage", 1000], ["two stages", 0]] as const;

for (const [name, denseOrder] of STAGES) {
  Deno.test(`eigenvalues of indefinite matrices agree with ml-matrix, ${name}`, async () => {
    for (const n of [1, 2, 3, 31, 32, 33, 64, 65, 150]) {
      const element = (i: number, j: number) => Math.sin(1 + Math.min(i, j) * 7919 + i * j);
      const dense = new Matrix(
        Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => element(i, j))),
      );
      const expected = new EigenvalueDecomposition(dense, { assumeSymmetric: true })
        .realEigenvalues.toSorted((a, b) => b - a);
      const actual = await eigenvalues(n, element, denseOrder);
      assertEquals(actual.length, n);
      actual.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-12, `n ${n}`));
    }
  });

  Deno.test(`eigenvalues of min(i, j) are the known ones, over several blocks, ${name}`, async () => {
    const n = 590;
    const actual = await eigenvalues(n, (i, j) => Math.min(i, j) + 1, denseOrder);
    actual.forEach((value, k) => {
      const expected = 1 / (4 * Math.sin((2 * k + 1) * Math.PI / (4 * n + 2)) ** 2);
      assertAlmostEquals(value, expected, 1e-15 * actual[0]);
    });
  });

  Deno.test(`diagonal, constant and zero matrices, ${name}`, async () => {
    const n = 70;
    const diagonal = await eigenvalues(n, (i, j) => i === j ? i : 0, denseOrder);
    assertEquals(diagonal, Float64Array.from({ length: n }, (_, i) => n - 1 - i));
    const constant = await eigenvalues(n, () => 1, denseOrder);
    assertAlmostEquals(constant[0], n, 1e-12);
    assert(constant.subarray(1).every((value) => Math.abs(value) < 1e-13));
    assertEquals(await eigenvalues(n, () => 0, denseOrder), new Float64Array(n));
  });
}
