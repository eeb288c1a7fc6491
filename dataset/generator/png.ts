/**
 * PNG files of 4-bit palette images, byte for byte the same on every machine.
 *
 * @module
 */
import { deflateRows } from "./deflate.ts";
import type { Rgb } from "./spec.ts";

/** An image of palette indices, row by row. */
export interface IndexedImage {
  /** Palette indices, `width * height` bytes. */
  pixels: Uint8Array;
  width: number;
  height: number;
  /** At most 16 colours. */
  palette: readonly Rgb[];
}

/** CRC-32 of PNG (ISO 3309). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc >>> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Adler-32 checksum of a zlib stream (RFC 1950). */
function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return (b << 16 | a) >>> 0;
}

function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = concat(new TextEncoder().encode(type), data);
  return concat(word(data.length), body, word(crc32(body)));
}

/** Rows of two pixels a byte, each after the filter byte 0. */
function packRows({ pixels, width, height }: IndexedImage): Uint8Array {
  const stride = 1 + Math.ceil(width / 2);
  const rows = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const index = pixels[y * width + x];
      rows[y * stride + 1 + (x >> 1)] |= x % 2 === 0 ? index << 4 : index;
    }
  }
  return rows;
}

/**
 * Encodes an image as PNG (colour type 3, bit depth 4).
 *
 * @throws {RangeError} If the palette has more than 16 colours or the pixels do not fill the image.
 */
export function encodePng(image: IndexedImage): Uint8Array<ArrayBuffer> {
  const { pixels, width, height, palette } = image;
  if (palette.length > 16) {
    throw new RangeError(`Cannot write ${palette.length} colours in 4 bits a pixel: at most 16.`);
  }
  if (pixels.length !== width * height) {
    throw new RangeError(
      `Cannot write ${pixels.length} pixels as ${width} x ${height}: expected ${width * height}.`,
    );
  }
  const rows = packRows(image);
  const stream = concat(
    Uint8Array.of(0x78, 0x01),
    deflateRows(rows, 1 + Math.ceil(width / 2)),
    word(adler32(rows)),
  );
  return concat(
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", concat(word(width), word(height), Uint8Array.of(4, 3, 0, 0, 0))),
    chunk("PLTE", Uint8Array.from(palette.flat())),
    chunk("IDAT", stream),
    chunk("IEND", new Uint8Array()),
  );
}
