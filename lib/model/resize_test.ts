import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeImage, type RgbImage } from "./decode_image.ts";
import { resizeBicubic } from "./resize.ts";
import { readReference, testdata } from "./testdata/reference.ts";

Deno.test("pictures equal torchvision's antialiased uint8 resize, level for level", async () => {
  let resized = 0;
  for (const name of ["random", "tiny"] as const) {
    for (const { file, processed } of readReference(name).meta.images) {
      const image = await decodeImage(testdata(`images/${file}`));
      const want = await decodeImage(testdata(processed));
      const got = resizeBicubic(image, want);
      assertEquals([got.width, got.height], [want.width, want.height], file);
      assertEquals(got.data, want.data, `${name} ${file}`);
      if (got !== image) resized++;
    }
  }
  assert(resized >= 12, `${resized}`);
});

/** One output value straight from the definition: a normalised widened kernel, in f64. */
function direct(image: RgbImage, size: { width: number; height: number }, at: number[]): number {
  const weights = (from: number, to: number, i: number) => {
    const scale = from / to;
    const stretch = Math.max(scale, 1);
    const kernel = Array.from({ length: from }, (_, j) => {
      const t = Math.abs((j + 0.5 - scale * (i + 0.5)) / stretch);
      if (t < 1) return 1.5 * t ** 3 - 2.5 * t ** 2 + 1;
      return t < 2 ? -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2 : 0;
    });
    const sum = kernel.reduce((a, b) => a + b, 0);
    return kernel.map((w) => w / sum);
  };
  const [y, x, c] = at;
  const across = weights(image.width, size.width, x);
  return weights(image.height, size.height, y).reduce((total, down, row) => {
    const line = across.reduce(
      (sum, w, column) => sum + w * image.data[(row * image.width + column) * 3 + c],
      0,
    );
    return total + down * Math.min(255, Math.max(0, line));
  }, 0);
}

Deno.test("any size agrees with the kernel's definition up to rounding", () => {
  const side = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(side, side, side, side, fc.integer(), (width, height, wide, high, seed) => {
      const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
        const t = Math.imul(i + seed, 0x9e3779b1);
        return (t ^ (t >>> 15)) & 255;
      });
      const size = { width: wide, height: high };
      const result = resizeBicubic({ width, height, data }, size);
      assertEquals(result.data.length, wide * high * 3);
      for (let i = 0; i < result.data.length; i++) {
        const place = [Math.floor(i / 3 / wide), Math.floor(i / 3) % wide, i % 3];
        const exact = Math.min(255, Math.max(0, direct({ width, height, data }, size, place)));
        // Two roundings to whole levels; the second pass may spread the first by up to 1.5.
        assert(Math.abs(result.data[i] - exact) <= 1.5, `${result.data[i]} for ${exact}`);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("the same size is the same picture, and one colour stays one colour", () => {
  const image = { width: 9, height: 5, data: new Uint8Array(135).fill(200) };
  assert(resizeBicubic(image, { width: 9, height: 5 }) === image);
  for (const size of [{ width: 4, height: 20 }, { width: 31, height: 2 }]) {
    assert(resizeBicubic(image, size).data.every((value) => value === 200));
  }
});
