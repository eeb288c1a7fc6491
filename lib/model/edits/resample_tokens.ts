/**
 * Values of one number of tokens as values of another.
 *
 * @module
 */
/**
 * Resamples rows along the token axis: linear, align_corners = false, as torch's interpolate.
 *
 * @param values [tokens, width] row-major.
 * @param width Numbers a token.
 * @param tokens Tokens wanted.
 * @returns [tokens, width]; `values` itself if the count is right already.
 */
export function resampleTokens(values: Float32Array, width: number, tokens: number): Float32Array {
  const available = values.length / width;
  if (available === tokens) return values;
  const result = new Float32Array(tokens * width);
  const scale = available / tokens;
  for (let token = 0; token < tokens; token++) {
    const at = Math.max(0, (token + 0.5) * scale - 0.5);
    const low = Math.min(available - 1, Math.floor(at));
    const high = Math.min(available - 1, low + 1);
    const share = at - low;
    for (let i = 0; i < width; i++) {
      result[token * width + i] = (1 - share) * values[low * width + i] +
        share * values[high * width + i];
    }
  }
  return result;
}
