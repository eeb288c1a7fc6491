import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { smartResize } from "./image_processor.ts";

// [width, height, width, height] by smart_resize of transformers 5.17's Qwen2-VL image processor.
// deno-fmt-ignore
const REFERENCE = [
  [28, 28, 56, 56], [42, 70, 56, 56], [70, 42, 56, 56], [98, 126, 112, 112],
  [1280, 720, 1288, 728], [4000, 3000, 1148, 840], [5000, 30, 5012, 28], [29, 5000, 28, 5012],
  [28, 5572, 28, 5572], [1003, 1001, 980, 980], [1002, 2455, 616, 1568], [2257, 562, 1988, 476],
  [1543, 2501, 784, 1260], [1969, 2590, 868, 1148], [2407, 296, 2408, 308], [2508, 81, 2520, 84],
  [1, 1, 56, 56], [10, 10, 56, 56], [14, 14, 56, 56], [27, 27, 56, 56], [28, 27, 84, 56],
  [20, 13, 84, 56], [9, 120, 28, 224], [1, 200, 28, 812], [2, 400, 28, 812], [5, 900, 28, 756],
  [13, 1400, 28, 588], [13, 2600, 28, 812], [15, 2000, 28, 1988], [27, 5000, 28, 5012],
  [1949, 1090, 1316, 728], [2284, 987, 1512, 644], [813, 2965, 504, 1904], [1954, 2243, 924, 1064],
];

Deno.test("sizes equal the Python image processor's", () => {
  for (const [width, height, wide, high] of REFERENCE) {
    assertEquals(smartResize({ width, height }), { width: wide, height: high });
  }
  const options = { factor: 32, minPixels: 4096, maxPixels: 100352 };
  assertEquals(smartResize({ width: 480, height: 640 }, options), { width: 256, height: 352 });
  assertEquals(
    smartResize({ width: 4000, height: 35 }, { minPixels: 3136, maxPixels: 50176 }),
    { width: 2380, height: 28 },
  );
});

Deno.test("sides are multiples of the factor, within the bounds where the shape allows", () => {
  const side = fc.integer({ min: 1, max: 4000 });
  fc.assert(fc.property(side, side, (width, height) => {
    fc.pre(Math.max(width, height) / Math.min(width, height) <= 50);
    const size = smartResize({ width, height });
    assertEquals([size.width % 28, size.height % 28], [0, 0]);
    const pixels = size.width * size.height;
    assert(pixels >= 56 * 56 && pixels <= 28 * 28 * 1280, `${size.width} x ${size.height}`);
  }));
});

Deno.test("refuses a thin strip", () => {
  assertThrows(() => smartResize({ width: 1, height: 201 }), RangeError, "1 x 201 pixels");
  assertThrows(() => smartResize({ width: 28, height: 28 * 201 }), RangeError, "over 200 times");
});
