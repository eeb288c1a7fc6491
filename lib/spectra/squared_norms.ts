/**
 * Norms of the rows or columns of a matrix.
 *
 * @module
 */

/**
 * Squared norms, in f64, of the rows of a matrix, or of its columns if it has fewer of these.
 *
 * @param matrix Row-major; no f32 is too large or small for its square.
 * @returns min(rows, columns) sums; one that is not finite has an element that is not.
 */
export function squaredNorms(matrix: Float32Array, shape: [number, number]): Float64Array {
  const [rows, columns] = shape;
  const norms = new Float64Array(Math.min(rows, columns));
  for (let i = 0; i < rows; i++) {
    const start = i * columns;
    if (rows <= columns) {
      // Two sums, so that an addition need not wait for the one before.
      let even = 0, odd = 0, k = start;
      for (; k + 1 < start + columns; k += 2) {
        even += matrix[k] * matrix[k];
        odd += matrix[k + 1] * matrix[k + 1];
      }
      if (k < start + columns) even += matrix[k] * matrix[k];
      norms[i] = even + odd;
    } else {
      for (let j = 0; j < columns; j++) {
        const value = matrix[start + j];
        norms[j] += value * value;
      }
    }
  }
  return norms;
}

/**
 * Where each row goes when rows are sorted by ascending norm; equal ones keep their order.
 *
 * @returns places[i] is the place of row i.
 */
export function placesByNorm(norms: Float64Array): Uint32Array {
  const sorted = Array.from(norms.keys()).sort((a, b) => norms[a] - norms[b]);
  const places = new Uint32Array(norms.length);
  sorted.forEach((row, place) => places[row] = place);
  return places;
}
