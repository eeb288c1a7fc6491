/**
 * The size an image is shown to the model in.
 *
 * @module
 */

export interface SmartResizeOptions {
  /** Both sides become multiples of this: patch size x merge size. Default 28. */
  factor?: number;
  /** Fewest pixels, default 56 x 56. */
  minPixels?: number;
  /** Most pixels, default 28 x 28 x 1280. */
  maxPixels?: number;
}

/** Largest ratio of the sides. */
const MAX_ASPECT = 200;

/** As Python's round: halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * The nearest size whose sides are multiples of `factor`, within the bounds on pixels, of about the
 * same shape (Qwen2-VL's image processor). What is smaller than one visual token is enlarged.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(smartResize({ width: 150, height: 100 }), { width: 140, height: 112 });
 * assertEquals(smartResize({ width: 1, height: 1 }), { width: 56, height: 56 });
 * ```
 *
 * @throws {RangeError} if one side is over 200 times the other.
 */
export function smartResize(
  { width, height }: { width: number; height: number },
  { factor = 28, minPixels = 56 * 56, maxPixels = 28 * 28 * 1280 }: SmartResizeOptions = {},
): { width: number; height: number } {
  if (Math.max(width, height) / Math.min(width, height) > MAX_ASPECT) {
    throw new RangeError(
      `Cannot show an image of ${width} x ${height} pixels to the model: one side is over ` +
        `${MAX_ASPECT} times the other`,
    );
  }
  const fit = (side: number) => roundHalfEven(side / factor) * factor;
  const size = { width: fit(width), height: fit(height) };
  const pixels = size.width * size.height;
  if (pixels > maxPixels) {
    const beta = Math.sqrt((height * width) / maxPixels);
    const shrink = (side: number) => Math.max(factor, Math.floor(side / beta / factor) * factor);
    return { width: shrink(width), height: shrink(height) };
  }
  if (pixels < minPixels) {
    const beta = Math.sqrt(minPixels / (height * width));
    const grow = (side: number) => Math.ceil(side * beta / factor) * factor;
    return { width: grow(width), height: grow(height) };
  }
  return size;
}
