import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomSource } from "../testing/random_source.ts";
import { randomNormal } from "../testing/safetensors_writer.ts";
import { computeDiversity } from "./diversity.ts";
import type { SpaceAngles } from "./diversity_report.ts";
import { EigenKernel } from "./eigen_kernel.ts";
import { comparedDirections, principalAngles } from "./principal_angles.ts";
import { SingularValueSolver } from "./singular_values.ts";

const TRIPLE = fileURLToPath(new URL("./testdata/triple", import.meta.url));

type Shape = [rows: number, columns: number];

/** Angles between the leading directions of two matrices. */
async function anglesOf(first: Float64Array, second: Float64Array, shape: Shape) {
  const solver = new SingularValueSolver({ threads: 1 });
  const decompose = (matrix: Float64Array) =>
    solver.singularValues(Float32Array.from(matrix), shape, { vectors: comparedDirections });
  try {
    const updates = [await decompose(first), await decompose(second)] as const;
    return principalAngles(await EigenKernel.create(), updates);
  } finally {
    await solver.release();
  }
}

/** Product of a rows x inner and an inner x columns matrix. */
function product(a: Float64Array, b: Float64Array, [rows, columns]: Shape): Float64Array {
  const inner = a.length / rows;
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const i = Math.floor(at / columns), j = at % columns;
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += a[i * inner + k] * b[k * columns + j];
    return sum;
  });
}

/** The reflection I - 2 v v^T of a random unit vector. */
function reflection(order: number, random: () => number): Float64Array {
  const v = randomNormal(order, random);
  const squares = v.reduce((sum, x) => sum + x * x, 0);
  return Float64Array.from({ length: order * order }, (_, at) => {
    const i = Math.floor(at / order), j = at % order;
    return Number(i === j) - 2 * v[i] * v[j] / squares;
  });
}

/** Zero but for these values from (from, from) down the diagonal. */
function diagonal([rows, columns]: Shape, from: number, values: number[]): Float64Array {
  const matrix = new Float64Array(rows * columns);
  values.forEach((value, i) => matrix[(from + i) * columns + from + i] = value);
  return matrix;
}

function assertAngles(actual: SpaceAngles[], expected: SpaceAngles[], tolerance: number) {
  assertEquals(actual.map(({ size, k }) => [size, k]), expected.map(({ size, k }) => [size, k]));
  actual.forEach((entry, i) => {
    for (const side of ["left", "right"] as const) {
      const [own, other] = [entry[side], expected[i][side]];
      const where = `${side}, k = ${entry.k}`;
      assertEquals(own.chance, other.chance, where);
      assertAlmostEquals(own.overlap, other.overlap, tolerance, where);
      // Degrees; a small angle is known by its cosine, to half the digits.
      assertAlmostEquals(own.smallest_angle, other.smallest_angle, 100 * tolerance, where);
      assertAlmostEquals(own.largest_angle, other.largest_angle, 100 * tolerance, where);
    }
  });
}

Deno.test("angles agree with scipy's of LAPACK's singular vectors", async () => {
  const { layers } = await computeDiversity({
    base: join(TRIPLE, "base"),
    sft: join(TRIPLE, "in"),
    rl: join(TRIPLE, "rl"),
  });
  const reference: Record<string, { angles?: SpaceAngles[] }> = JSON.parse(
    Deno.readTextFileSync(join(TRIPLE, "reference.json")),
  );
  let compared = 0;
  for (const { param_name, angles } of layers) {
    const expected = reference[param_name].angles!;
    assertAngles(angles!, expected, 1e-8);
    compared += expected.length;
  }
  assertEquals(compared, 42);
});

for (const shape of [[60, 90], [90, 60], [700, 40]] as Shape[]) {
  Deno.test(`the same update, larger, smaller or turned about, has angles of 0, ${shape}`, async () => {
    const update = randomNormal(shape[0] * shape[1], randomSource(3));
    for (const factor of [1, -0.25]) {
      const angles = await anglesOf(update, update.map((value) => factor * value), shape);
      assert(angles.length === 3 && angles[0].k === 1 && angles[1].k === 8);
      for (const { left, right } of angles) {
        for (const { overlap, smallest_angle, largest_angle } of [left, right]) {
          assertAlmostEquals(overlap, 1, 1e-12);
          assert(smallest_angle <= largest_angle && largest_angle < 1e-5);
        }
      }
    }
  });

  Deno.test(`angles do not change if both updates are rotated, ${shape}`, async () => {
    const random = randomSource(4);
    const [rows, columns] = shape;
    const [first, second] = [0, 1].map(() => randomNormal(rows * columns, random));
    const [q, p] = [reflection(rows, random), reflection(columns, random)];
    const rotate = (matrix: Float64Array) => product(product(q, matrix, shape), p, shape);
    // Rotated, the matrices are rounded to f32 anew.
    assertAngles(
      await anglesOf(rotate(first), rotate(second), shape),
      await anglesOf(first, second, shape),
      1e-5,
    );
  });
}

Deno.test("planted spaces: orthogonal, half the same, and turned by a known angle", async () => {
  const shape: Shape = [50, 80];
  const [ones, few] = [diagonal(shape, 0, [4, 4, 4, 4]), diagonal(shape, 4, [3, 2])];
  const orthogonal = await anglesOf(ones, few, shape);
  // Of four equal values no two lead.
  assertEquals(orthogonal, []);
  const half = await anglesOf(ones, diagonal(shape, 2, [5, 3, 2, 1.9]), shape);
  assertEquals(half.map(({ size, k }) => [size, k]), [[8, 4], [64, 4]]);
  for (const { left, right } of half) {
    assertAlmostEquals(left.overlap, 0.5, 1e-12);
    assertAlmostEquals(right.overlap, 0.5, 1e-12);
    assertEquals([left.chance, right.chance], [4 / 50, 4 / 80]);
    assertAlmostEquals(left.smallest_angle, 0, 1e-5);
    assertAlmostEquals(left.largest_angle, 90, 1e-5);
  }
  const apart = await anglesOf(diagonal(shape, 0, [4, 3]), few, shape);
  assertEquals(apart.map(({ k }) => k), [1, 2, 2]);
  for (const { left, right } of apart) {
    assertAlmostEquals(left.overlap, 0, 1e-15);
    assertAlmostEquals(right.smallest_angle, 90, 1e-5);
  }
  // One direction in, turned by 30 degrees out.
  const turned = diagonal(shape, 0, [Math.cos(Math.PI / 6)]);
  turned[shape[1]] = 0.5;
  const [{ left, right }] = await anglesOf(diagonal(shape, 0, [2]), turned, shape);
  assertAlmostEquals(left.largest_angle, 30, 1e-5);
  assertAlmostEquals(left.overlap, 0.75, 1e-6);
  assertAlmostEquals(right.overlap, 1, 1e-12);
});

Deno.test("random updates overlap by chance", async () => {
  const shape: Shape = [300, 420];
  const random = randomSource(9);
  const [first, second] = [0, 1].map(() => randomNormal(shape[0] * shape[1], random));
  const { k, left, right } = (await anglesOf(first, second, shape))[2];
  assertEquals([k, left.chance, right.chance], [64, 64 / 300, 64 / 420]);
  // The mean of 64 squared cosines varies by about sqrt(2) / dimension.
  assertAlmostEquals(left.overlap, left.chance, 0.02);
  assertAlmostEquals(right.overlap, right.chance, 0.02);
});

Deno.test("a zero update has no directions", async () => {
  const shape: Shape = [4, 6];
  assertEquals(await anglesOf(new Float64Array(24), randomNormal(24, randomSource(1)), shape), []);
});
