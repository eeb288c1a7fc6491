/**
 * Three-dimensional positions of a prompt's tokens: text counts on, an image's tokens share one
 * temporal position and spread over height and width (Qwen2-VL's multimodal rotary embedding); and
 * the rotations that they make.
 *
 * @module
 */
import type { QwenTextConfig } from "./qwen_config.ts";
import type { ImageTokens, ModelInput } from "./model_input.ts";

/**
 * Positions of a prompt's tokens. The token after an image continues at one above the largest
 * position within the image.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const images = [{ start: 1, count: 6, grid: [1, 4, 6] as [number, number, number] }];
 * const { positions, ropeDelta } = promptPositions(8, { images });
 * assertEquals([...positions.slice(0, 8)], [0, 1, 1, 1, 1, 1, 1, 4]);
 * assertEquals([...positions.slice(8, 16)], [0, 1, 1, 1, 2, 2, 2, 4]);
 * assertEquals([...positions.slice(16, 24)], [0, 1, 2, 3, 1, 2, 3, 4]);
 * assertEquals(ropeDelta, -3);
 * ```
 *
 * @param length T, the number of tokens.
 * @param options The images among them, in order, and patches a side of a visual token.
 * @throws {RangeError} if an image's tokens lie outside of the prompt, overlap another's, or are
 * not as many as its grid makes.
 */
export function promptPositions(
  length: number,
  { images = [], mergeSize = 2 }: { images?: readonly ImageTokens[]; mergeSize?: number } = {},
): Pick<ModelInput, "positions" | "ropeDelta"> {
  const positions = new Int32Array(3 * length);
  let token = 0;
  let next = 0;
  const text = (end: number) => {
    for (; token < end; token++, next++) {
      positions[token] = positions[length + token] = positions[2 * length + token] = next;
    }
  };
  for (const { start, count, grid: [frames, rows, columns] } of images) {
    const height = Math.floor(rows / mergeSize);
    const width = Math.floor(columns / mergeSize);
    if (frames !== 1 || height * width !== count) {
      throw new RangeError(
        `Cannot place an image of grid [${frames}, ${rows}, ${columns}] on ${count} tokens: it ` +
          `makes ${frames * height * width}, of one frame`,
      );
    }
    if (start < token || start + count > length) {
      throw new RangeError(
        `Cannot place an image on tokens ${start} to ${start + count} of ${length}, of which ` +
          `${token} are taken`,
      );
    }
    text(start);
    for (let i = 0; i < count; i++) {
      positions[token + i] = next;
      positions[length + token + i] = next + Math.floor(i / width);
      positions[2 * length + token + i] = next + i % width;
    }
    token += count;
    next += Math.max(height, width);
  }
  text(length);
  return { positions, ropeDelta: next - length };
}

/**
 * Cos and sin of each token's rotation angles, [T, headDim / 2] each. (Qwen2-VL, arXiv 2409.12191,
 * section 2.1: of the head's frequencies the first mropeSection[0] follow the temporal position, the
 * next the height, the last the width.)
 *
 * @param positions [3, T] row-major: temporal, height, width.
 */
export function rotationsAt(
  positions: Int32Array,
  config: Pick<QwenTextConfig, "headDim" | "ropeTheta" | "mropeSection">,
) {
  const { headDim, ropeTheta, mropeSection } = config;
  const half = headDim / 2;
  const tokens = positions.length / 3;
  const cos = new Float32Array(tokens * half);
  const sin = new Float32Array(tokens * half);
  for (let i = 0; i < half; i++) {
    const axis = i < mropeSection[0] ? 0 : i < mropeSection[0] + mropeSection[1] ? 1 : 2;
    // Rounded to f32 where the reference implementation is.
    const frequency = Math.fround(
      1 / Math.fround(Math.pow(ropeTheta, Math.fround(2 * i / headDim))),
    );
    for (let token = 0; token < tokens; token++) {
      const angle = Math.fround(positions[axis * tokens + token] * frequency);
      cos[token * half + i] = Math.cos(angle);
      sin[token * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
