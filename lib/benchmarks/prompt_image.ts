/**
 * The size in which images are put into a prompt.
 *
 * @module
 */
import { resizeLanczos, type RgbImage } from "../model/mod.ts";

/** Most pixels of an image in a prompt. */
export const MAX_PROMPT_PIXELS = 1280 * 720;
/** Least width and height: one visual token. */
const MIN_PROMPT_SIDE = 28;

/**
 * The size of an image in a prompt: enlarged until no side is below {@linkcode MIN_PROMPT_SIDE},
 * then shrunk to {@linkcode MAX_PROMPT_PIXELS}; sides are truncated to whole pixels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(promptImageSize({ width: 1920, height: 1080 }), { width: 1280, height: 720 });
 * assertEquals(promptImageSize({ width: 10, height: 40 }), { width: 28, height: 112 });
 * ```
 */
export function promptImageSize(
  { width, height }: { width: number; height: number },
): { width: number; height: number } {
  if (Math.min(width, height) < MIN_PROMPT_SIDE) {
    const scale = Math.max(MIN_PROMPT_SIDE / width, MIN_PROMPT_SIDE / height);
    width = Math.trunc(width * scale);
    height = Math.trunc(height * scale);
  }
  const pixels = width * height;
  if (pixels <= MAX_PROMPT_PIXELS) return { width, height };
  const scale = Math.sqrt(MAX_PROMPT_PIXELS / pixels);
  return { width: Math.trunc(width * scale), height: Math.trunc(height * scale) };
}

/**
 * An image in the size of {@linkcode promptImageSize}, resampled by Lanczos; itself where it has
 * that size already.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const image = { width: 14, height: 28, data: new Uint8Array(14 * 28 * 3).fill(9) };
 * assertEquals(promptImage(image).width, 28);
 * ```
 */
export function promptImage(image: RgbImage): RgbImage {
  return resizeLanczos(image, promptImageSize(image));
}
