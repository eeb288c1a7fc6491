/**
 * Lanczos resize of 8-bit pictures, level for level as Pillow's `Image.resize(size, LANCZOS)`:
 * antialiased, width first, 22-bit fixed-point weights, each pass rounded to 8 bits.
 *
 * @module
 */
import type { RgbImage } from "../model/mod.ts";

/** Half the width of the kernel. */
const SUPPORT = 3;
/** Fraction bits of a weight. */
const BITS = 22;

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function lanczos(x: number): number {
  return x >= -SUPPORT && x < SUPPORT ? sinc(x) * sinc(x / SUPPORT) : 0;
}

/** What one output value is made of. */
interface Taps {
  /** First source index. */
  start: number;
  /** Fixed-point weights of the source values from `start` on. */
  weights: Int32Array;
}

function axisTaps(from: number, to: number): Taps[] {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = SUPPORT * stretch;
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale;
    const start = Math.max(Math.trunc(center - support + 0.5), 0);
    const end = Math.min(Math.trunc(center + support + 0.5), from);
    const exact = Array.from(
      { length: end - start },
      (_, j) => lanczos((j + start - center + 0.5) / stretch),
    );
    const sum = exact.reduce((a, b) => a + b, 0);
    const weights = Int32Array.from(exact, (weight) => {
      const scaled = weight / sum * 2 ** BITS;
      return Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
    });
    return { start, weights };
  });
}

/** Resizes the middle axis of [outer, from, inner] to [outer, to, inner]. */
function resizeAxis(
  source: Uint8Array,
  { outer, from, to, inner }: { outer: number; from: number; to: number; inner: number },
): Uint8Array {
  const result = new Uint8ClampedArray(outer * to * inner);
  const taps = axisTaps(from, to);
  let target = 0;
  for (let o = 0; o < outer; o++) {
    for (const { start, weights } of taps) {
      const base = (o * from + start) * inner;
      for (let c = 0; c < inner; c++) {
        let sum = 2 ** (BITS - 1);
        for (let j = 0, at = base + c; j < weights.length; j++, at += inner) {
          sum += weights[j] * source[at];
        }
        result[target++] = sum >> BITS;
      }
    }
  }
  return new Uint8Array(result.buffer);
}

/**
 * Resizes a picture.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const grey = { width: 2, height: 2, data: new Uint8Array(12).fill(7) };
 * assertEquals(resizeLanczos(grey, { width: 3, height: 1 }).data, new Uint8Array(9).fill(7));
 * ```
 *
 * @returns A picture of the given size; `image` itself if that is its size.
 */
export function resizeLanczos(
  image: RgbImage,
  { width, height }: { width: number; height: number },
): RgbImage {
  let data = image.data;
  if (width !== image.width) {
    data = resizeAxis(data, { outer: image.height, from: image.width, to: width, inner: 3 });
  }
  if (height !== image.height) {
    data = resizeAxis(data, { outer: 1, from: image.height, to: height, inner: width * 3 });
  }
  return data === image.data ? image : { width, height, data };
}
