/**
 * Whether two updates of a weight go in the same directions: principal angles between the spaces of
 * their leading singular vectors.
 *
 * @module
 */
import type { SpaceAngles, SpaceOverlap } from "./diversity_report.ts";
import type { EigenKernel } from "./eigen_kernel.ts";
import type { SingularValues } from "./singular_values.ts";
import { spectrumMetrics } from "./spectrum_metrics.ts";
import { tridiagonalEigenvalues } from "./tridiagonal_eigenvalues.ts";

/** How many leading directions are compared: the first, a few, and what LoRA's authors took at most. */
export const ANGLE_SIZES = [1, 8, 64];
/** Part of the largest squared value by which the last one in must be above the first one out. */
const GAP = 1e-8;

/** How many leading vectors of an update are compared at most: its effective rank, up to 64. */
export function comparedDirections(values: Float64Array): number {
  return Math.min(
    ANGLE_SIZES[ANGLE_SIZES.length - 1],
    Math.round(spectrumMetrics(values, 1).effective_rank),
  );
}

/** Values and leading vectors of one update. */
export type UpdateDirections = Pick<SingularValues, "values" | "vectors">;

/**
 * Compares the spaces that the k leading singular vectors of two matrices of one shape span, for k =
 * 1, 8 and 64. The overlap is ||U^T V||_F^2 / k, the mean squared cosine of the principal angles
 * (Björck and Golub 1973; Hu et al. 2021, LoRA, section 7.2): 1 for the same space, 0 for orthogonal
 * ones. For spaces of random directions its mean is k over the dimension: chance.
 *
 * k is smaller where fewer directions carry an update, at most the vectors that both have. Which
 * directions lead must not be an accident: k goes down to where both spectra have a gap, and a size
 * for which there is none is left out.
 *
 * @param updates Both updates, each with vectors for {@linkcode comparedDirections} or fewer.
 * @returns An entry for each size, angles in degrees; none where an update is zero.
 */
export function principalAngles(
  kernel: EigenKernel,
  updates: readonly [UpdateDirections, UpdateDirections],
): SpaceAngles[] {
  const most = Math.min(...updates.map(({ vectors }) => vectors.count));
  const overlaps = (["left", "right"] as const).map((side) => {
    const [first, second] = updates.map(({ vectors }) => (
      { data: vectors[side], count: vectors.count }
    ));
    return { side, cosines: crossProducts(first, second, most) };
  });
  return ANGLE_SIZES.flatMap((size) => {
    let k = Math.min(size, most);
    while (k > 0 && !updates.every(({ values }) => hasGap(values, k))) k--;
    if (k === 0) return [];
    const [left, right] = overlaps.map(({ side, cosines }) => {
      const { vectors } = updates[0];
      const dimension = vectors[side].length / vectors.count;
      return spaceOverlap(kernel, { cosines, stride: most, k, dimension });
    });
    return [{ size, k, left, right }];
  });
}

function hasGap(values: Float64Array, k: number): boolean {
  const next = k < values.length ? values[k] : 0;
  return values[k - 1] ** 2 - next ** 2 > GAP * values[0] ** 2;
}

interface Columns {
  data: Float64Array;
  count: number;
}

/** A^T B of the first `most` columns. */
function crossProducts(a: Columns, b: Columns, most: number): Float64Array {
  const products = new Float64Array(most * most);
  for (let row = 0; row * a.count < a.data.length; row++) {
    const fromA = row * a.count, fromB = row * b.count;
    for (let i = 0; i < most; i++) {
      const value = a.data[fromA + i];
      for (let j = 0; j < most; j++) products[i * most + j] += value * b.data[fromB + j];
    }
  }
  return products;
}

/** Of the spaces of the first k vectors, whose products with each other are the first k x k. */
function spaceOverlap(
  kernel: EigenKernel,
  { cosines, stride, k, dimension }: {
    cosines: Float64Array;
    stride: number;
    k: number;
    dimension: number;
  },
): SpaceOverlap {
  const gram = new Float64Array(k * k);
  for (let row = 0; row < k; row++) {
    for (let i = 0; i < k; i++) {
      const value = cosines[row * stride + i];
      for (let j = 0; j < k; j++) gram[i * k + j] += value * cosines[row * stride + j];
    }
  }
  let trace = 0;
  for (let i = 0; i < k; i++) trace += gram[i * k + i];
  const squares = tridiagonalEigenvalues(kernel.tridiagonaliseDense(gram, k));
  const angle = (square: number) =>
    Math.acos(Math.sqrt(Math.min(1, Math.max(0, square)))) * 180 / Math.PI;
  return {
    overlap: Math.min(1, trace / k),
    chance: k / dimension,
    smallest_angle: angle(squares[0]),
    largest_angle: angle(squares[k - 1]),
  };
}
