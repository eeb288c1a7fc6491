/**
 * Rotary position embedding with three positions a token (M-RoPE): cos and sin per token.
 *
 * Source: Qwen2-VL (arXiv 2409.12191), section 2.1: of the head's frequencies the first
 * mropeSection[0] follow the temporal position, the next the height, the last the width.
 *
 * @module
 */
import type { QwenTextConfig } from "./qwen_config.ts";

/** Cos and sin of the rotation angles, [tokens, headDim / 2] each. */
export interface Rotations {
  cos: Float32Array;
  sin: Float32Array;
}

/** The part of the config that fixes the rotations. */
export type RopeConfig = Pick<QwenTextConfig, "headDim" | "ropeTheta" | "mropeSection">;

/**
 * Computes rotations for tokens [from, to).
 *
 * @param positions [3, T] row-major: temporal, height, width.
 * @param range Tokens to compute, default all.
 */
export function rotationsAt(
  positions: Int32Array,
  config: RopeConfig,
  range: { from: number; to: number } = { from: 0, to: positions.length / 3 },
): Rotations {
  const { headDim, ropeTheta, mropeSection } = config;
  const half = headDim / 2;
  const tokens = positions.length / 3;
  const count = range.to - range.from;
  const cos = new Float32Array(count * half);
  const sin = new Float32Array(count * half);
  for (let i = 0; i < half; i++) {
    const axis = i < mropeSection[0] ? 0 : i < mropeSection[0] + mropeSection[1] ? 1 : 2;
    // Rounded to f32 where the reference implementation is.
    const frequency = Math.fround(
      1 / Math.fround(Math.pow(ropeTheta, Math.fround(2 * i / headDim))),
    );
    for (let token = 0; token < count; token++) {
      const angle = Math.fround(positions[axis * tokens + range.from + token] * frequency);
      cos[token * half + i] = Math.cos(angle);
      sin[token * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
