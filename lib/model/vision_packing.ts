/**
 * Several images as one run of patches: their pixels one after the other, their windows side by
 * side.
 *
 * @module
 */
import { concatenate } from "./tensors.ts";
import type { ImagePatches } from "./image_processor.ts";
import type { QwenVisionConfig } from "./qwen_config.ts";
import { visionPositions } from "./vision_positions.ts";

export type PackedImages = ReturnType<typeof packImages>;

/** `batch` stretches of `length` patches each, the first at patch `start`, one after the other. */
export interface AttentionSpan {
  start: number;
  batch: number;
  length: number;
}

/** Joins neighbours of equal length into batches. */
function joinSpans(lengths: readonly number[]): AttentionSpan[] {
  const spans: AttentionSpan[] = [];
  let start = 0;
  for (const length of lengths) {
    const last = spans.at(-1);
    if (last?.length === length) last.batch++;
    else spans.push({ start, batch: 1, length });
    start += length;
  }
  return spans;
}

/**
 * Packs images for the vision encoder, P patches in all.
 *
 * @returns pixels [P, patchValues], each image in the processor's order; cos and sin [P, headDim / 2]
 * and the spans of windows in the windowed order; the spans of whole images.
 * @throws {RangeError} if an image's pixels do not fit its grid, or the grid is not made of whole
 * groups.
 */
export function packImages(
  images: readonly ImagePatches[],
  config: QwenVisionConfig,
) {
  const { patchSize, temporalPatchSize, spatialMergeSize } = config;
  const patchValues = 3 * temporalPatchSize * patchSize * patchSize;
  const group = spatialMergeSize ** 2;
  const placed = images.map(({ pixels, grid }) => {
    const positions = visionPositions(grid, config);
    const count = grid[1] * grid[2];
    if (pixels.length !== count * patchValues) {
      throw new RangeError(
        `Cannot encode an image of grid [${grid.join(", ")}]: it has ${pixels.length} values, ` +
          `where ${count} patches of ${patchValues} are needed`,
      );
    }
    return { count, positions };
  });
  const patches = placed.reduce((sum, { count }) => sum + count, 0);
  const windows = placed.flatMap(({ positions: { windowStarts } }) =>
    [...windowStarts.subarray(1)].map((end, i) => end - windowStarts[i])
  );
  let end = 0;
  // Which group stands at each place of the windowed order, over all images.
  const groups: number[] = [];
  for (const { positions: { windowIndex } } of placed) {
    const first = groups.length;
    for (const own of windowIndex) groups.push(first + own);
  }
  return {
    patches,
    patchValues,
    pixels: concatenate(images.map(({ pixels }) => pixels)),
    cos: concatenate(placed.map(({ positions }) => positions.cos)),
    sin: concatenate(placed.map(({ positions }) => positions.sin)),
    windowSpans: joinSpans(windows),
    windowEnds: windows.map((length) => end += length),
    imageSpans: joinSpans(placed.map(({ count }) => count)),
    /** Reorders rows [P, width] from the processor's order to the windowed one. */
    toWindowOrder(rows: Float32Array, width: number): Float32Array {
      const result = new Float32Array(rows.length);
      const block = group * width;
      groups.forEach((from, to) =>
        result.set(rows.subarray(from * block, (from + 1) * block), to * block)
      );
      return result;
    },
    /** Reorders merged rows [groups, width] back and splits them by image. */
    fromWindowOrder(rows: Float32Array, width: number): Float32Array[] {
      const result = new Float32Array(rows.length);
      groups.forEach((to, from) =>
        result.set(rows.subarray(from * width, (from + 1) * width), to * width)
      );
      let end = 0;
      return placed.map(({ count }) => result.slice(end, end += count / group * width));
    },
  };
}
