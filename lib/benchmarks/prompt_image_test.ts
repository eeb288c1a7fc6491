import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { promptImage, promptImageSize } from "./prompt_image.ts";
import { resizeLanczos } from "../model/mod.ts";
import pillow from "./testdata/lanczos.json" with { type: "json" };

/** The picture that make_lanczos.py resizes: waves on the left, near black and white on the right. */
function pattern(width: number, height: number) {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const level = (x * 7 + y * 13 + c * 50 + (x * y) % 31 * 5) % 256;
    data[i] = x > Math.floor(width / 2) ? Math.floor(level / 255) : level;
  }
  return { width, height, data };
}

Deno.test("pictures equal Pillow's, level for level", () => {
  for (const { from, to, rgb } of pillow.pictures) {
    const got = resizeLanczos(pattern(from[0], from[1]), { width: to[0], height: to[1] });
    assertEquals([got.width, got.height], to);
    assertEquals(got.data, new Uint8Array(Buffer.from(rgb, "base64")), `${from} to ${to}`);
  }
});

Deno.test("only pictures out of bounds are resized", () => {
  for (const [width, height] of [[28, 28], [1280, 720], [28, 32914]]) {
    assertEquals(promptImageSize({ width, height }), { width, height });
  }
  const image = pattern(30, 40);
  assertStrictEquals(promptImage(image), image);
  // Sizes by the original's arithmetic in Python.
  assertEquals(promptImageSize({ width: 1281, height: 720 }), { width: 1280, height: 719 });
  assertEquals(promptImageSize({ width: 27, height: 100 }), { width: 28, height: 103 });
  assertEquals(promptImageSize({ width: 3000, height: 2000 }), { width: 1175, height: 783 });
  const small = promptImage(pattern(20, 13));
  assertEquals([small.width, small.height], [43, 28]);
  assert(small.data.some((level) => level > 0));
});
