import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { ImageTokens } from "./model_input.ts";
import { promptPositions } from "./positions.ts";
import { caseInput, readReference } from "./testdata/reference.ts";

for (const name of ["random", "tiny"] as const) {
  Deno.test(`positions and deltas equal get_rope_index's: ${name}`, () => {
    const reference = readReference(name);
    for (const { name } of reference.meta.cases) {
      const { ids, imageTokens, positions, ropeDelta } = caseInput(reference, name);
      const got = promptPositions(ids.length, { images: imageTokens });
      assertEquals(got.positions, positions, name);
      assertEquals(got.ropeDelta, ropeDelta, name);
    }
  });

  Deno.test(`a left-padded row has the positions of the row alone: ${name}`, () => {
    const { meta, ints } = readReference(name);
    const { shape: [, rows, length], data } = ints("batch.positions");
    const mask = ints("batch.mask").data;
    meta.batch.cases.forEach((entry, row) => {
      const { positions } = caseInput(readReference(name), entry);
      const padding = mask.subarray(row * length, (row + 1) * length).indexOf(1);
      const padded = [0, 1, 2].flatMap((axis) => {
        const start = (axis * rows + row) * length;
        return [...data.subarray(start + padding, start + length)];
      });
      assertEquals(padded, [...positions], entry);
    });
  });
}

/** Texts and images in turn: lengths of the texts, and rows and columns of tokens. */
const prompt = fc.tuple(
  fc.nat(5),
  fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.nat(4)), {
    maxLength: 4,
  }),
);

Deno.test("each token of any prompt stands where the definition puts it", () => {
  fc.assert(fc.property(prompt, ([first, pieces]) => {
    const images: ImageTokens[] = [];
    const expected: number[][] = [];
    // The definition, token by token: the next number is one above the largest so far.
    const next = () => Math.max(-1, ...expected.flat()) + 1;
    const text = (count: number) => {
      for (let i = 0; i < count; i++) expected.push([next(), next(), next()]);
    };
    text(first);
    for (const [height, width, after] of pieces) {
      const grid: [number, number, number] = [1, 2 * height, 2 * width];
      images.push({ start: expected.length, count: height * width, grid });
      const from = next();
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) expected.push([from, from + y, from + x]);
      }
      text(after);
    }
    const length = expected.length;
    const { positions, ropeDelta } = promptPositions(length, { images });
    assertEquals([...positions], [0, 1, 2].flatMap((axis) => expected.map((token) => token[axis])));
    assertEquals(length + ropeDelta, next());
  }));
});

Deno.test("images that do not fit their tokens are refused", () => {
  const at = (start: number, count: number, grid: [number, number, number]) => () =>
    promptPositions(10, { images: [{ start, count, grid }] });
  assertThrows(at(0, 5, [1, 4, 4]), RangeError, "it makes 4");
  assertThrows(at(0, 8, [2, 4, 4]), RangeError, "of one frame");
  assertThrows(at(8, 4, [1, 4, 4]), RangeError, "tokens 8 to 12 of 10");
  const image = { count: 4, grid: [1, 4, 4] as [number, number, number] };
  const overlap = [{ start: 2, ...image }, { start: 4, ...image }];
  assertThrows(() => promptPositions(10, { images: overlap }), RangeError, "6 are taken");
});
