/**
 * Image files to pixels. Files come from datasets and users: size and format are read off the
 * header before anything is decoded.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** An 8-bit RGB picture. */
export interface RgbImage {
  width: number;
  height: number;
  /** [height, width, 3] row-major. */
  data: Uint8Array;
}

/** An image: path of a file, a file's bytes, or pixels. */
export type ImageSource = string | Uint8Array | RgbImage;

/** Pixels an image may have at most: 64 million, e.g. 8000 x 8000. */
export const MAX_IMAGE_PIXELS = 64_000_000;

/** Formats read. Others that the decoder knows, such as SVG, can refer to further files. */
const FORMATS = ["png", "jpeg", "webp"];

function fail(name: string, why: string, cause?: unknown): never {
  throw new Error(`Cannot read image ${name}: ${why}`, { cause });
}

function checkSize(name: string, width: number, height: number): void {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    fail(name, `its size is ${width} x ${height} pixels`);
  }
  if (width * height > MAX_IMAGE_PIXELS) {
    fail(
      name,
      `${width} x ${height} pixels are more than the ${MAX_IMAGE_PIXELS} allowed; shrink it first`,
    );
  }
}

function checkRgb(image: RgbImage): RgbImage {
  const { width, height, data } = image;
  checkSize("given as pixels", width, height);
  if (data.length !== width * height * 3) {
    fail("given as pixels", `${data.length} bytes for [${height}, ${width}, 3] values`);
  }
  return image;
}

/** Inks [pixels, 4] to RGB [pixels, 3] as Pillow does it: light that no ink takes, rounded. */
function inksToRgb(inks: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(inks.length / 4 * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4) {
    const light = 255 - inks[from + 3];
    for (let ink = 0; ink < 3; ink++) {
      rgb[to++] = light - Math.round(inks[from + ink] * light / 255);
    }
  }
  return rgb;
}

/** Grey levels of 16 bits to RGB as Pillow does it: all above 255 are white. */
function deepGreyToRgb(levels: Uint16Array): Uint8Array {
  return Uint8Array.from(
    { length: 3 * levels.length },
    (_, i) => Math.min(255, levels[Math.floor(i / 3)]),
  );
}

/**
 * Decodes a PNG, JPEG or WebP file to 8-bit RGB, as `Image.open(...).convert("RGB")` of Pillow
 * after `exif_transpose`, which is what transformers' `load_image` does: a photo's stored orientation
 * is applied, transparency is dropped (not blended), colour profiles are ignored, the inks of CMYK
 * files are taken for inverted, and of 16-bit grey only levels up to 255 differ.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const white = { width: 2, height: 1, data: new Uint8Array(6).fill(255) };
 * assertEquals((await decodeImage(white)).width, 2);
 * ```
 *
 * @param source Path, bytes of a file, or pixels (checked and returned as they are).
 * @throws {Error} if the file is missing, damaged, of another format or above
 * {@linkcode MAX_IMAGE_PIXELS}; names the file.
 */
export async function decodeImage(source: ImageSource): Promise<RgbImage> {
  if (typeof source !== "string" && !(source instanceof Uint8Array)) return checkRgb(source);
  const name = typeof source === "string" ? source : `of ${source.length} bytes`;
  const bytes = typeof source !== "string" ? source : await Deno.readFile(source).catch((cause) => {
    const missing = cause instanceof Deno.errors.NotFound;
    fail(name, missing ? "there is no such file" : cause.message, cause);
  });
  if (bytes.length === 0) fail(name, "it is empty");
  // At first use: text needs none.
  const { default: sharp } = await import("sharp");
  const decoder = sharp(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
    limitInputPixels: MAX_IMAGE_PIXELS,
    failOn: "error",
    ignoreIcc: true,
  });
  const header = await decoder.metadata().catch((cause) =>
    fail(name, `${cause.message}; PNG, JPEG and WebP files are read`, cause)
  );
  if (!FORMATS.includes(header.format ?? "")) {
    fail(name, `its format is ${header.format}; PNG, JPEG and WebP files are read`);
  }
  checkSize(name, header.width, header.height);
  try {
    const { space } = header;
    const special = space === "cmyk" || space === "grey16" && !header.hasAlpha ? space : null;
    const turned = decoder.rotate();
    const pixels = special
      ? turned.pipelineColourspace(special).toColourspace(special)
      : turned.removeAlpha().toColourspace("srgb");
    const { data: { buffer, byteOffset, length }, info: { width, height } } = await pixels
      .raw({ depth: special === "grey16" ? "ushort" : "uchar" })
      .toBuffer({ resolveWithObject: true });
    const raw = new Uint8Array(buffer, byteOffset, length);
    const data = special === "cmyk"
      ? inksToRgb(raw)
      : special === "grey16"
      ? deepGreyToRgb(new Uint16Array(raw.slice().buffer))
      : raw;
    return checkRgb({ width, height, data });
  } catch (cause) {
    fail(name, `${(cause as Error).message}; the file is damaged`, cause);
  }
}
