/**
 * Antialiased resizes of 8-bit pictures: when shrinking, the kernel widens by the scale, so that no
 * detail aliases. Weights are fixed point and each of the two passes rounds to 8 bits.
 *
 * @module
 */
import type { RgbImage } from "./decode_image.ts";

interface Kernel {
  weight: (x: number) => number;
  /** Half its width. */
  support: number;
  /** Fraction bits of a weight; default as many as keep the largest weight in 16 bits. */
  bits?: number;
}

/** Keys' cubic convolution kernel with a = -0.5. */
const CUBIC: Kernel = {
  support: 2,
  weight(x) {
    const a = -0.5;
    const t = Math.abs(x);
    if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
    return 0;
  },
};

const sinc = (x: number) => x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
const LANCZOS: Kernel = {
  support: 3,
  weight: (x) => x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0,
  bits: 22,
};

/** What one output value is made of. */
interface Taps {
  /** First source index. */
  start: number;
  /** Weights of the source values from `start` on; they add up to 1. */
  weights: Float64Array;
}

function axisTaps(from: number, to: number, { weight, support }: Kernel): Taps[] {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  return Array.from({ length: to }, (_, i) => {
    const center = scale * (i + 0.5);
    const start = Math.max(Math.trunc(center - reach + 0.5), 0);
    const end = Math.min(Math.trunc(center + reach + 0.5), from);
    const weights = Float64Array.from(
      { length: end - start },
      (_, j) => weight((j + start - center + 0.5) / stretch),
    );
    const sum = weights.reduce((total, one) => total + one, 0);
    return { start, weights: weights.map((one) => one / sum) };
  });
}

/** Fraction bits with which the largest weight fits into 16 bits. */
function bitsOf(taps: readonly Taps[]): number {
  const largest = Math.max(0, ...taps.map(({ weights }) => Math.max(...weights)));
  let bits = 0;
  while (bits < 22 && Math.trunc(0.5 + largest * 2 ** (bits + 1)) < 2 ** 15) bits++;
  return bits;
}

/** Resizes the middle axis of [outer, from, inner] to [outer, to, inner]. */
function resizeAxis(
  source: Uint8Array,
  { outer, from, to, inner }: { outer: number; from: number; to: number; inner: number },
  kernel: Kernel,
): Uint8Array {
  const taps = axisTaps(from, to, kernel);
  const bits = kernel.bits ?? bitsOf(taps);
  const fixed = taps.map(({ weights }) =>
    Int32Array.from(weights, (w) => Math.trunc(w * 2 ** bits + (w < 0 ? -0.5 : 0.5)))
  );
  const result = new Uint8Array(outer * to * inner);
  const half = 2 ** (bits - 1);
  let target = 0;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < to; i++) {
      const weights = fixed[i];
      const base = (o * from + taps[i].start) * inner;
      for (let c = 0; c < inner; c++) {
        let sum = half;
        for (let j = 0, at = base + c; j < weights.length; j++, at += inner) {
          sum += weights[j] * source[at];
        }
        const value = sum >> bits;
        result[target++] = value < 0 ? 0 : value > 255 ? 255 : value;
      }
    }
  }
  return result;
}

/** Gives a picture another size, width first; `image` itself if that is its size. */
export type Resize = (image: RgbImage, size: { width: number; height: number }) => RgbImage;

const resizeBy = (kernel: Kernel): Resize => (image, { width, height }) => {
  let { data } = image;
  if (width !== image.width) {
    const axis = { outer: image.height, from: image.width, to: width, inner: 3 };
    data = resizeAxis(data, axis, kernel);
  }
  if (height !== image.height) {
    const axis = { outer: 1, from: image.height, to: height, inner: width * 3 };
    data = resizeAxis(data, axis, kernel);
  }
  return data === image.data ? image : { width, height, data };
};

/**
 * Bicubic, as torchvision's uint8 resize (Pillow's differs by a level in one pixel of 200).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const grey = { width: 2, height: 2, data: new Uint8Array(12).fill(7) };
 * assertEquals(resizeBicubic(grey, { width: 3, height: 1 }).data, new Uint8Array(9).fill(7));
 * ```
 */
export const resizeBicubic = resizeBy(CUBIC);

/** Lanczos, level for level as Pillow's `Image.resize(size, LANCZOS)`. */
export const resizeLanczos = resizeBy(LANCZOS);
