import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { decodeImage, MAX_IMAGE_PIXELS } from "./decode_image.ts";
import { testdata } from "./testdata/reference.ts";

const image = (name: string) => testdata(`images/${name}`);

Deno.test("gray, transparent, turned and palette files become RGB", async () => {
  // Sizes and one pixel each as Pillow's exif_transpose and convert("RGB") give them.
  const seen = async (name: string, x: number, y: number) => {
    const { width, height, data } = await decodeImage(image(name));
    assertEquals(data.length, width * height * 3);
    return [width, height, ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  };
  assertEquals(await seen("gray_84x56.png", 10, 20), [84, 56, 88, 88, 88]);
  assertEquals(await seen("alpha_56x84.png", 10, 20), [56, 84, 103, 166, 246]);
  assertEquals(await seen("turned_84x112.jpg", 85, 22), [112, 84, 220, 40, 41]);
  assertEquals(await seen("palette_400x250.png", 300, 200), [400, 250, 226, 138, 175]);
});

Deno.test("every kind of file is read as Pillow reads it, to the bit", async () => {
  const expected = JSON.parse(Deno.readTextFileSync(image("decode/expected.json"))) as {
    file: string;
    width: number;
    height: number;
    rgb: string;
  }[];
  assert(expected.length > 20);
  for (const { file, width, height, rgb } of expected) {
    const decoded = await decodeImage(image(`decode/${file}`));
    assertEquals([decoded.width, decoded.height], [width, height], file);
    assertEquals(btoa(String.fromCharCode(...decoded.data)), rgb, file);
  }
});

Deno.test("bytes and pixels are taken as well as a path", async () => {
  const fromPath = await decodeImage(image("wide_140x84.png"));
  const fromBytes = await decodeImage(await Deno.readFile(image("wide_140x84.png")));
  assertEquals(fromBytes, fromPath);
  assert(await decodeImage(fromPath) === fromPath);
});

Deno.test("errors name the file and say why", async () => {
  await assertRejects(
    () => decodeImage("no/such.png"),
    Error,
    "no/such.png: there is no such file",
  );
  await assertRejects(() => decodeImage(new Uint8Array()), Error, "it is empty");
  const text = new TextEncoder().encode("not an image");
  await assertRejects(() => decodeImage(text), Error, "PNG, JPEG and WebP");
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"></svg>';
  await assertRejects(
    () => decodeImage(new TextEncoder().encode(svg)),
    Error,
    "PNG, JPEG and WebP",
  );
  const short = { width: 3, height: 3, data: new Uint8Array(26) };
  await assertRejects(() => decodeImage(short), Error, "26 bytes for [3, 3, 3]");
  await assertRejects(() => decodeImage({ ...short, width: 0 }), Error, "0 x 3");
  await assertRejects(() => decodeImage({ ...short, width: NaN }), Error, "NaN x 3");
  const whole = await Deno.readFile(image("waves_150x100.png"));
  await assertRejects(() => decodeImage(whole.subarray(0, 9000)), Error, "the file is damaged");
});

/** A PNG's beginning that promises `width` x `height` pixels. */
function pngHeader(width: number, height: number): Uint8Array {
  const table = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  const chunk = (name: string, content: Uint8Array) => {
    const body = new Uint8Array([...new TextEncoder().encode(name), ...content]);
    let crc = 0xffffffff;
    for (const byte of body) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
    const result = new Uint8Array(body.length + 8);
    const view = new DataView(result.buffer);
    view.setUint32(0, content.length);
    result.set(body, 4);
    view.setUint32(body.length + 4, ~crc);
    return [...result];
  };
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint16(8, 0x0802);
  return new Uint8Array([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", new Uint8Array(header.buffer)),
    ...chunk("IDAT", new Uint8Array([0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01])),
    ...chunk("IEND", new Uint8Array()),
  ]);
}

Deno.test("an absurd size is refused before anything is decoded", async () => {
  for (const [width, height] of [[60000, 60000], [8001, 8000], [2 ** 30, 2]]) {
    await assertRejects(() => decodeImage(pngHeader(width, height)), Error, "Cannot read image");
  }
  const large = { width: 8001, height: 8000, data: new Uint8Array() };
  const { message } = await assertRejects(() => decodeImage(large));
  assertStringIncludes(message, String(MAX_IMAGE_PIXELS));
});

Deno.test("damaged files give a clear error or a picture of the size they state", async () => {
  const files = ["wide_140x84.png", "gray_84x56.png", "photo_150x100.jpg"];
  const originals = await Promise.all(files.map((name) => Deno.readFile(image(name))));
  const damage = fc.record({
    file: fc.nat(files.length - 1),
    cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    edits: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
      maxLength: 6,
    }),
  });
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(damage, async ({ file, cut, edits }) => {
      let bytes = originals[file].slice();
      for (const [where, value] of edits) bytes[Math.floor(where * (bytes.length - 1))] = value;
      if (cut !== null) bytes = bytes.subarray(0, Math.floor(cut * bytes.length));
      try {
        const { width, height, data } = await decodeImage(bytes);
        assertEquals(data.length, width * height * 3);
      } catch (error) {
        refused++;
        assertStringIncludes((error as Error).message, "Cannot read image of ");
      }
    }),
    { numRuns: 150 },
  );
  assert(refused > 0);
});
