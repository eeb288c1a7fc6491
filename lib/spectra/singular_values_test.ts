import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import {
  type SingularValues,
  SingularValueSolver,
  type SingularValuesOptions,
} from "./singular_values.ts";

const FIXTURES: { name: string; shape: [number, number]; values: number[] }[] = JSON.parse(
  await Deno.readTextFile(new URL("./testdata/singular_values.json", import.meta.url)),
);
const MATRICES = (await Deno.readFile(new URL("./testdata/singular_values.bin", import.meta.url)))
  .buffer;

function fixtureMatrix(index: number): Float32Array<ArrayBuffer> {
  const elements = FIXTURES.map(({ shape: [rows, columns] }) => rows * columns);
  const before = elements.slice(0, index).reduce((a, b) => a + b, 0);
  return new Float32Array(MATRICES, 4 * before, elements[index]);
}

/** One matrix with a solver of its own. */
async function singularValues(matrix: Float32Array, shape: [number, number]) {
  const solver = new SingularValueSolver();
  try {
    return await solver.singularValues(matrix, shape);
  } finally {
    await solver.release();
  }
}

/** Values must be within the documented error, and `relative` above 1e-5 of the largest. */
function assertValues(
  actual: SingularValues,
  expected: ArrayLike<number>,
  relative = 1e-6,
) {
  const { values, errorFloor, sumOfSquaresError } = actual;
  assertEquals(values.length, expected.length);
  values.forEach((value, i) => {
    const rounding = 1e-14 * expected[0];
    const bound = Math.min(errorFloor, errorFloor ** 2 / (2 * expected[i])) + rounding;
    assertAlmostEquals(value, expected[i], bound, `value ${i}`);
    if (expected[i] > 1e-5 * expected[0]) {
      assertAlmostEquals(value, expected[i], relative * expected[i], `value ${i}`);
    }
    if (i > 0) assert(value <= values[i - 1], `value ${i} is not in descending order`);
  });
  assert(errorFloor <= 3e-8 * values[0]);
  assert(sumOfSquaresError < 1e-13, `sum of squares is off by ${sumOfSquaresError}`);
}

function transposed(matrix: Float32Array, [rows, columns]: [number, number]): Float32Array {
  return Float32Array.from(
    matrix,
    (_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)],
  );
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

const STAGES: [string, SingularValuesOptions][] = [
  ["one stage, one thread", { threads: 1 }],
  ["two stages, two threads", { threads: 2, denseOrder: 0 }],
];

for (const [stages, options] of STAGES) {
  Deno.test(`singular values agree with LAPACK in f64, ${stages}`, async (t) => {
    const solver = new SingularValueSolver(options);
    for (const [index, { name, shape, values }] of FIXTURES.entries()) {
      await t.step(`${name}, ${shape[0]} x ${shape[1]}`, async () => {
        const matrix = fixtureMatrix(index);
        assertValues(await solver.singularValues(matrix, shape), values);
        const [rows, columns] = shape;
        assertValues(
          await solver.singularValues(transposed(matrix, shape), [columns, rows]),
          values,
        );
      });
    }
    await solver.release();
  });
}

Deno.test("singular vectors are orthonormal, and the matrix maps right ones onto left ones", async (t) => {
  const solver = new SingularValueSolver({ threads: 1 });
  // Left out: those of small values, which the Gram matrix does not tell.
  const leading = (values: Float64Array) =>
    Math.min(24, values.filter((value) => value > 1e-3 * values[0]).length);
  for (const [index, { name, shape }] of FIXTURES.entries()) {
    await t.step(`${name}, ${shape[0]} x ${shape[1]}`, async () => {
      const own = fixtureMatrix(index);
      for (
        const [matrix, [m, n]] of [
          [own, shape],
          [transposed(own, shape), shape.toReversed()],
        ] as const
      ) {
        const { values, vectors } = await solver.singularValues(matrix, [m, n], {
          vectors: leading,
        });
        const { count } = vectors;
        assertEquals([vectors.left.length, vectors.right.length], [m * count, n * count]);
        const columns = (data: Float64Array) =>
          Array.from({ length: count }, (_, k) => data.filter((_, at) => at % count === k));
        const [lefts, rights] = [columns(vectors.left), columns(vectors.right)];
        rights.forEach((right, k) => {
          for (let other = 0; other <= k; other++) {
            // Those of the larger side have the error of the Gram matrix over their squared value.
            assertAlmostEquals(dot(right, rights[other]), Number(k === other), 1e-10);
            assertAlmostEquals(dot(lefts[k], lefts[other]), Number(k === other), 1e-10);
          }
          for (let i = 0; i < m; i++) {
            const image = dot(matrix.subarray(i * n, (i + 1) * n), right);
            assertAlmostEquals(image, values[k] * lefts[k][i], 1e-13 * values[0]);
          }
        });
      }
    });
  }
  await solver.release();
});

Deno.test("singular values of small matrices agree with ml-matrix", async () => {
  const solver = new SingularValueSolver({ threads: 1 });
  const element = fc.oneof(
    { weight: 3, arbitrary: fc.float({ min: -100, max: 100, noNaN: true }) },
    fc.constantFrom(0, 1, -1),
  );
  const matrices = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(
    ([rows, columns]) =>
      fc.tuple(
        fc.constant<[number, number]>([rows, columns]),
        fc.array(element, { minLength: rows * columns, maxLength: rows * columns }),
      ),
  );
  await fc.assert(
    fc.asyncProperty(matrices, async ([shape, elements]) => {
      const matrix = Float32Array.from(elements);
      const oracle = new SingularValueDecomposition(
        Matrix.from1DArray(shape[0], shape[1], Array.from(matrix)),
        { autoTranspose: true },
      );
      const expected = oracle.diagonal.toSorted((a, b) => b - a).slice(0, Math.min(...shape));
      // Of thousands of these, with zeros and tiny elements, a few come near the bound.
      assertValues(await solver.singularValues(matrix, shape), expected, 5e-6);
    }),
    { numRuns: 200 },
  );
  await solver.release();
});

for (const [stages, options] of STAGES) {
  Deno.test(`singular values scale with the matrix, beyond the squares f32 holds, ${stages}`, async () => {
    const index = FIXTURES.findIndex(({ name }) => name === "random wide");
    const { shape, values } = FIXTURES[index];
    const matrix = fixtureMatrix(index);
    const solver = new SingularValueSolver(options);
    for (const exponent of [-126, -100, -66, 66, 100, 120]) {
      const scale = 2 ** exponent;
      const scaled = await solver.singularValues(matrix.map((value) => scale * value), shape);
      // Below 2^-126 f32 has fewer digits.
      const tolerance = exponent === -126 ? 1e-5 : 1e-12;
      for (const [i, value] of scaled.values.entries()) {
        assertAlmostEquals(value / scale, values[i], tolerance * values[0]);
      }
      const norm = Math.hypot(...values);
      assertAlmostEquals(scaled.froNorm / scale, norm, tolerance * norm);
      assertAlmostEquals(scaled.errorFloor / scale / values[0], 2.98e-8, 1e-10);
    }
    await solver.release();
  });
}

Deno.test("a zero matrix has only zeros", async () => {
  for (const shape of [[1, 1], [3, 4], [700, 2], [2, 700]] as [number, number][]) {
    const result = await singularValues(new Float32Array(shape[0] * shape[1]), shape);
    assertEquals(result, {
      values: new Float64Array(Math.min(...shape)),
      errorFloor: 0,
      froNorm: 0,
      sumOfSquaresError: 0,
      vectors: { count: 0, left: new Float64Array(0), right: new Float64Array(0) },
    });
  }
});

Deno.test("an element that is not finite is named by its index", async () => {
  const matrix = new Float32Array(12).fill(1);
  for (const value of [NaN, Infinity, -Infinity]) {
    matrix[7] = value;
    await assertRejects(
      () => singularValues(matrix, [3, 4]),
      RangeError,
      `element 7 (row 1, column 3) is ${value}`,
    );
    await assertRejects(() => singularValues(matrix, [6, 2]), RangeError, "element 7 (row 3");
  }
});

Deno.test("a shape that does not fit and a thread count that is none are refused", async () => {
  const matrix = new Float32Array(12);
  for (const shape of [[3, 5], [0, 12], [-3, -4], [2.4, 5]] as [number, number][]) {
    await assertRejects(
      () => singularValues(matrix, shape),
      RangeError,
      `12 elements are not a matrix of shape [${shape[0]}, ${shape[1]}]`,
    );
  }
  assertThrows(() => new SingularValueSolver({ threads: 0 }), RangeError, "0 threads");
});

Deno.test("a solver takes one matrix at a time, and goes on after a failure", async () => {
  const solver = new SingularValueSolver({ threads: 1 });
  const matrix = Float32Array.of(3, 4);
  const first = solver.singularValues(matrix, [1, 2]);
  await assertRejects(() => solver.singularValues(matrix, [1, 2]), Error, "one in work");
  assertEquals((await first).values[0], 5);
  await assertRejects(() => solver.singularValues(Float32Array.of(NaN), [1, 1]), RangeError);
  assertEquals((await solver.singularValues(matrix, [2, 1])).values[0], 5);
  await solver.release();
});
