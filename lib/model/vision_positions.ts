/**
 * How the vision encoder orders and rotates an image's patches: attention windows of merged
 * patches, and two-dimensional rotary angles (the vision encoders
 * of Qwen2-VL, whose window is the whole image, and of Qwen2.5-VL).
 *
 * A group is the mergeSize x mergeSize patches that become one visual token.
 *
 * @module
 */
import type { QwenVisionConfig } from "./qwen_config.ts";

/** The part of the config that fixes them. */
export type VisionGridConfig = Pick<
  QwenVisionConfig,
  "patchSize" | "spatialMergeSize" | "windowSize" | "hiddenSize" | "numHeads"
>;

/** Base of the vision encoder's rotary frequencies. */
const THETA = 10000;

/** Inverse frequencies of one axis, in f32 as the reference computes them. */
function inverseFrequencies(count: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => 1 / Math.fround(THETA ** Math.fround(i / count)),
  );
}

/**
 * Orders an image's groups window by window and computes each patch's rotation.
 *
 * Windows tile the image from its top left corner; those at the right and lower edge are cut off.
 * The angles are the patch's row times the first quarter of the head's frequencies and its column
 * times the second.
 *
 * @param grid Time (1), rows and columns of patches; rows and columns multiples of the merge size.
 * @param config The vision config.
 * @returns Of G groups, P = G * mergeSize^2 patches: windowIndex [G], the group, in the processor's
 * order, that stands at each place of the windowed order; windowStarts [windows + 1], the patch at
 * which each window starts, and P; cos and sin [P, headDim / 2], in the windowed order.
 * @throws {RangeError} if the grid is empty, of several frames or not made of whole groups.
 */
export function visionPositions(
  [frames, rows, columns]: readonly [number, number, number],
  config: VisionGridConfig,
) {
  const { spatialMergeSize: merge, patchSize, windowSize, hiddenSize, numHeads } = config;
  if (frames !== 1 || rows < 1 || columns < 1 || rows % merge !== 0 || columns % merge !== 0) {
    throw new RangeError(
      `Cannot encode an image of grid [${frames}, ${rows}, ${columns}]: one frame of whole groups ` +
        `of ${merge} x ${merge} patches is needed`,
    );
  }
  const [height, width] = [rows / merge, columns / merge];
  const side = windowSize === null
    ? Math.max(height, width)
    : Math.floor(Math.floor(windowSize / merge) / patchSize);
  const windowIndex = new Int32Array(height * width);
  const starts = [0];
  let place = 0;
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      for (let y = top; y < Math.min(top + side, height); y++) {
        for (let x = left; x < Math.min(left + side, width); x++) {
          windowIndex[place++] = y * width + x;
        }
      }
      starts.push(place * merge * merge);
    }
  }
  const quarter = hiddenSize / numHeads / 4;
  const frequencies = inverseFrequencies(quarter);
  const angles = new Float64Array(rows * columns * quarter * 2);
  let at = 0;
  for (const group of windowIndex) {
    const top = Math.floor(group / width) * merge;
    const left = (group % width) * merge;
    for (let i = 0; i < merge * merge; i++) {
      for (const position of [top + Math.floor(i / merge), left + i % merge]) {
        // The product is rounded to f32 before the cosine is taken, as in the reference.
        for (const f of frequencies) angles[at++] = Math.fround(position * f);
      }
    }
  }
  return {
    windowIndex,
    windowStarts: Int32Array.from(starts),
    cos: Float32Array.from(angles, Math.cos),
    sin: Float32Array.from(angles, Math.sin),
  };
}
