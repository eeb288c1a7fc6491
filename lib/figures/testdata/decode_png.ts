/**
 * A small PNG decoder for tests, independent of what made the PNG.
 *
 * @module
 */

/** Decoded pixels, 8 bits a channel. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Luminance of the pixel at x, y over white, 0 (black) to 255. */
  luminance(x: number, y: number): number;
}

/** Decodes a non-interlaced 8-bit RGB or RGBA PNG. */
export async function decodePng(bytes: Uint8Array<ArrayBuffer>): Promise<Pixels> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x89504e47) throw new Error("not a PNG");
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let [width, height, channels] = [0, 0, 0];
  for (let at = 8; at < bytes.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "IHDR") {
      [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
      channels = bytes[at + 17] === 6 ? 4 : 3;
      if (bytes[at + 16] !== 8 || bytes[at + 20] !== 0) throw new Error("unexpected PNG layout");
    }
    if (type === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
  const raw = new Uint8Array(await new Response(stream).arrayBuffer());
  const stride = width * channels;
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const at = y * stride + i;
      const left = i >= channels ? data[at - channels] : 0;
      const up = y > 0 ? data[at - stride] : 0;
      const corner = i >= channels && y > 0 ? data[at - stride - channels] : 0;
      data[at] = raw[at + y + 1] + predict(filter, { left, up, corner });
    }
  }
  return {
    width,
    height,
    luminance(x, y) {
      const at = (y * width + x) * channels;
      const alpha = channels === 4 ? data[at + 3] / 255 : 1;
      const light = 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2];
      return light * alpha + 255 * (1 - alpha);
    },
  };
}

/** PNG filters 0 to 4: none, left, up, average, Paeth. */
function predict(filter: number, near: { left: number; up: number; corner: number }): number {
  const { left, up, corner } = near;
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** How many pixels of a rectangle are darker than mid grey. */
export function countDark(
  pixels: Pixels,
  area: { x: number; y: number; width: number; height: number },
): number {
  let count = 0;
  for (let y = area.y; y < area.y + area.height; y++) {
    for (let x = area.x; x < area.x + area.width; x++) {
      if (pixels.luminance(x, y) < 128) count++;
    }
  }
  return count;
}
