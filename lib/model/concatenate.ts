/**
 * Joining arrays.
 *
 * @module
 */

/**
 * Puts arrays one after the other.
 *
 * @example
 * ```ts
 * console.log(concatenate([new Float32Array([1]), new Float32Array([2, 3])])); // [1, 2, 3]
 * ```
 *
 * @returns A new array, or the only one itself.
 */
export function concatenate(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0];
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
