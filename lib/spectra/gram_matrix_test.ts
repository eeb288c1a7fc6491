import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Matrix } from "ml-matrix";
import { GramProduct } from "./gram_matrix.ts";
import { blockOffsets } from "./symmetric_tiles.ts";

function testMatrix(rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * i + 1));
}

Deno.test("the Gram matrix agrees with a plain f64 product, whatever the parts", async () => {
  for (const chunkElements of [1, 100, 1 << 20]) {
    const product = new GramProduct({ threads: 1, chunkElements });
    for (const [rows, columns] of [[1, 1], [5, 23], [23, 5], [16, 16], [40, 7]]) {
      const data = testMatrix(rows, columns);
      const matrix = Matrix.from1DArray(rows, columns, Array.from(data));
      const expected = rows <= columns
        ? matrix.mmul(matrix.transpose())
        : matrix.transpose().mmul(matrix);
      // Three rows of padding, blocks of four.
      const offsets = blockOffsets(expected.rows + 3, 4);
      const places = Uint32Array.from({ length: expected.rows }, (_, i) => expected.rows - 1 - i);
      const { tiles } = await product.gram(data, { shape: [rows, columns], offsets, places });
      for (let i = 0; i < tiles.length; i++) {
        for (let j = 0; j <= i; j++) {
          const width = offsets[j + 1] - offsets[j];
          assertEquals(tiles[i][j].length, (offsets[i + 1] - offsets[i]) * width);
          tiles[i][j].forEach((value, at) => {
            const row = offsets[i] + Math.floor(at / width), column = offsets[j] + at % width;
            const inside = row < expected.rows && column < expected.rows;
            const wanted = inside ? expected.get(places[row], places[column]) : 0;
            assertAlmostEquals(value, wanted, 1e-13);
          });
        }
      }
    }
    await product.release();
  }
});
