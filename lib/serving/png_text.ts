/**
 * Images as text, for requests.
 *
 * @module
 */
import type { RgbImage } from "../model/mod.ts";

/**
 * An image as a PNG file in base64. PNG loses nothing: the served model is shown the pixels that
 * a checkpoint of this machine is shown.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * const png = await pngText({ width: 1, height: 1, data: new Uint8Array(3) });
 * assert(png.startsWith("iVBORw0KGgo"));
 * ```
 */
export async function pngText({ width, height, data }: RgbImage): Promise<string> {
  // Loaded at first use: questions of text only need none.
  const { default: sharp } = await import("sharp");
  const png = await sharp(data, { raw: { width, height, channels: 3 } }).png().toBuffer();
  return png.toString("base64");
}
