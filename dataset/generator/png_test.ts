import { assertEquals, assertThrows } from "@std/assert";
import { crc32, inflateRawSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { deflateRows } from "./deflate.ts";
import { encodePng } from "./png.ts";
import { palette } from "./spec.ts";

Deno.test("deflateRows() is undone by zlib, for any bytes and stride", () => {
  const runs = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 600 })), { maxLength: 30 })
    .map((parts) => parts.flatMap(([byte, length]) => new Array<number>(length).fill(byte * 85)));
  const noise = fc.array(fc.nat(255), { maxLength: 300 });
  fc.assert(
    fc.property(fc.oneof(runs, noise), fc.integer({ min: 1, max: 32768 }), (list, stride) => {
      const bytes = Uint8Array.from(list);
      assertEquals(new Uint8Array(inflateRawSync(deflateRows(bytes, stride))), bytes);
    }),
  );
});

Deno.test("deflateRows() refuses a distance that DEFLATE cannot write", () => {
  assertThrows(() => deflateRows(new Uint8Array(1), 32769), RangeError, "32769");
});

Deno.test("encodePng() writes chunks with right checksums and rows of two pixels a byte", () => {
  const png = encodePng({ pixels: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 3, height: 2, palette });
  const view = new DataView(png.buffer);
  const chunks = new Map<string, Uint8Array>();
  for (let at = 8; at < png.length;) {
    const length = view.getUint32(at);
    const body = png.subarray(at + 4, at + 8 + length);
    assertEquals(view.getUint32(at + 8 + length), crc32(body));
    chunks.set(new TextDecoder().decode(body.subarray(0, 4)), body.subarray(4));
    at += 12 + length;
  }
  assertEquals([...chunks.keys()], ["IHDR", "PLTE", "IDAT", "IEND"]);
  const rows = new Uint8Array(inflateSync(chunks.get("IDAT")!));
  assertEquals([...rows], [0, 0x12, 0x30, 0, 0x45, 0x60]);
});

Deno.test("encodePng() refuses pixels that do not fill the image", () => {
  const image = { pixels: new Uint8Array(5), width: 3, height: 2, palette };
  assertThrows(() => encodePng(image), RangeError, "expected 6");
});
