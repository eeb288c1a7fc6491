/**
 * Rotary position embedding with three positions a token (M-RoPE): cos and sin per token.
 *
 * Source: Qwen2-VL (arXiv 2409.12191), section 2.1: of the head's frequencies the first
 * mropeSection[0] follow the temporal position, the next the height, the last the width.
 *
 * @module
 */
import type { QwenTextConfig } from "./qwen_config.ts";

/**
 * Cos and sin of each token's rotation angles, [T, headDim / 2] each.
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
