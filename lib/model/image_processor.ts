/**
 * Pictures to the patches that the vision encoder reads (Qwen2-VL's image processor).
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { readStrictJson } from "../strict_json.ts";
import type { RgbImage } from "./decode_image.ts";
import type { QwenVisionConfig } from "./qwen_config.ts";
import { resizeBicubic } from "./resize.ts";

/** Settings of an image processor, from preprocessor_config.json. */
export interface ImageProcessorConfig {
  /** Fewest and most pixels after the resize. */
  minPixels: number;
  maxPixels: number;
  /** Mean and standard deviation of each channel, of values in [0, 1]. */
  imageMean: [number, number, number];
  imageStd: [number, number, number];
  /** As in the vision config, which they must agree with. */
  patchSize: number;
  temporalPatchSize: number;
  mergeSize: number;
}

/** An image as the vision encoder reads it. */
export interface ImagePatches {
  /**
   * [patches, 3 * temporalPatchSize * patchSize * patchSize] row-major; the patches of one visual
   * token follow each other.
   */
  pixels: Float32Array;
  /** Time (1), rows and columns of patches. */
  grid: [number, number, number];
}

const positive = z.int().positive();
const triple = <T extends z.ZodType>(part: T) => z.tuple([part, part, part]);
/** What a field is where it is missing or null. */
const or = <T extends z.ZodType>(part: T, value: z.output<T>) =>
  part.nullish().transform((given): z.output<T> => given ?? value);
const schema = z.looseObject({
  min_pixels: positive.nullish(),
  max_pixels: positive.nullish(),
  size: or(
    z.looseObject({ shortest_edge: positive.nullish(), longest_edge: positive.nullish() }),
    { shortest_edge: 56 * 56, longest_edge: 28 * 28 * 1280 },
  ),
  image_mean: or(triple(z.number()), [0.48145466, 0.4578275, 0.40821073]),
  image_std: or(triple(z.number().positive()), [0.26862954, 0.26130258, 0.27577711]),
  rescale_factor: or(z.number(), 1 / 255),
  do_resize: z.literal(true).nullish(),
  do_rescale: z.literal(true).nullish(),
  do_normalize: z.literal(true).nullish(),
  resample: z.literal(3).nullish(),
  patch_size: or(positive, 14),
  temporal_patch_size: or(positive, 2),
  merge_size: or(positive, 2),
});

/**
 * Reads a checkpoint folder's preprocessor_config.json, or the image_processor of the
 * processor_config.json that newer library versions write; the library's defaults where there is
 * neither.
 *
 * @param folder Checkpoint folder.
 * @param vision The vision config; its patch sizes must agree.
 * @throws {Error} if the file is malformed, turns a step off, or disagrees with `vision`; names the
 * file and the field.
 */
export function readImageProcessor(folder: string, vision: QwenVisionConfig): ImageProcessorConfig {
  let path = join(folder, "preprocessor_config.json");
  let json = readStrictJson(path);
  if (json === undefined) {
    path = join(folder, "processor_config.json");
    json = (readStrictJson(path) as { image_processor?: unknown } | undefined)?.image_processor ??
      {};
  }
  const fail = (why: string): never => {
    throw new Error(`Cannot use ${path}: ${why}`);
  };
  const { data, error } = schema.safeParse(json);
  if (!data) {
    const [{ path: field, message }] = error.issues;
    return fail(`${field.join(".") || "top level"}: ${message}`);
  }
  if (Math.abs(data.rescale_factor * 255 - 1) > 1e-9) {
    fail(`rescale_factor ${data.rescale_factor} is not 1 / 255`);
  }
  const minPixels = data.min_pixels ?? data.size.shortest_edge;
  const maxPixels = data.max_pixels ?? data.size.longest_edge;
  if (!minPixels || !maxPixels) {
    return fail(
      `size ${JSON.stringify(data.size)} has no shortest_edge or no longest_edge, the fewest and ` +
        "most pixels of an image",
    );
  }
  if (minPixels > maxPixels) fail(`min_pixels ${minPixels} is above max_pixels ${maxPixels}`);
  const { image_mean: imageMean, image_std: imageStd } = data;
  imageStd.forEach((std, channel) => {
    const mean = imageMean[channel];
    if (normalisedLevels(mean, std).every(Number.isFinite)) return;
    fail(`image_mean ${mean} and image_std ${std} make pixels that are no numbers`);
  });
  for (
    const [field, theirs] of [
      ["patch_size", vision.patchSize],
      ["temporal_patch_size", vision.temporalPatchSize],
      ["merge_size", vision.spatialMergeSize],
    ] as const
  ) {
    if (data[field] !== theirs) fail(`${field} is ${data[field]}, but config.json says ${theirs}`);
  }
  const { patch_size: patchSize, temporal_patch_size: temporalPatchSize } = data;
  const mergeSize = data.merge_size;
  return { minPixels, maxPixels, imageMean, imageStd, patchSize, temporalPatchSize, mergeSize };
}

/** The value of each 8-bit level, in f32 arithmetic: (level - 255 mean) / (255 std). */
function normalisedLevels(mean: number, std: number): Float32Array {
  const f32 = Math.fround;
  const center = f32(f32(mean) * 255);
  const width = f32(f32(std) * 255);
  return Float32Array.from({ length: 256 }, (_, level) => f32(f32(level - center) / width));
}

/**
 * Resizes, normalises and cuts a picture into patches.
 *
 * @throws {RangeError} if the picture is too narrow, see `smartResize`.
 */
export function processImage(image: RgbImage, config: ImageProcessorConfig): ImagePatches {
  const { patchSize: patch, mergeSize: merge, temporalPatchSize: frames } = config;
  const size = smartResize(image, {
    factor: patch * merge,
    minPixels: config.minPixels,
    maxPixels: config.maxPixels,
  });
  const { width, height, data } = resizeBicubic(image, size);
  const levels = [0, 1, 2].map((c) => normalisedLevels(config.imageMean[c], config.imageStd[c]));
  const [rows, columns] = [height / patch, width / patch];
  const area = patch * patch;
  const patchValues = 3 * frames * area;
  const pixels = new Float32Array(rows * columns * patchValues);
  let at = 0;
  // Patches in the order of visual tokens, then of the patches within one.
  for (let row = 0; row < rows; row += merge) {
    for (let column = 0; column < columns; column += merge) {
      for (let i = 0; i < merge * merge; i++) {
        const top = (row + Math.floor(i / merge)) * patch;
        const left = (column + i % merge) * patch;
        for (let c = 0; c < 3; c++, at += frames * area) {
          for (let y = 0; y < patch; y++) {
            const source = ((top + y) * width + left) * 3 + c;
            for (let x = 0; x < patch; x++) {
              pixels[at + y * patch + x] = levels[c][data[source + x * 3]];
            }
          }
          for (let frame = 1; frame < frames; frame++) {
            pixels.copyWithin(at + frame * area, at, at + area);
          }
        }
      }
    }
  }
  return { pixels, grid: [1, rows, columns] };
}

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
