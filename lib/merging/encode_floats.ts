/**
 * Numbers to the little-endian elements of a safetensors file.
 *
 * @module
 */
import type { FloatDtype } from "../checkpoint/mod.ts";

/**
 * The bits of the BF16 number nearest to each value, ties to even. A double is rounded once: going
 * through f32 would turn a value just off a tie into a tie.
 */
function toBf16(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const single = new Float32Array(values);
  const bits = new Uint32Array(single.buffer);
  const result = new Uint16Array(single.length);
  for (let i = 0; i < result.length; i++) {
    const word = bits[i];
    if ((word & 0x7fffffff) > 0x7f800000) {
      result[i] = (word >>> 16) | 0x40; // NaN stays NaN though its low bits go
    } else if ((word & 0xffff) === 0x8000) {
      const [exact, tie, high] = [Math.abs(values[i]), Math.abs(single[i]), word >>> 16];
      result[i] = high + (exact > tie ? 1 : exact < tie ? 0 : high & 1);
    } else {
      result[i] = (word + 0x8000) >>> 16;
    }
  }
  return result;
}

/**
 * Encodes values, each rounded once to the nearest number of the type, ties to even. What is too
 * large for the type becomes infinity.
 *
 * @returns Little-endian elements.
 */
export function encodeFloats(
  values: ArrayLike<number>,
  dtype: FloatDtype,
): Uint8Array<ArrayBuffer> {
  if (dtype === "BF16") return new Uint8Array(toBf16(values).buffer);
  const Elements = { F16: Float16Array, F32: Float32Array, F64: Float64Array }[dtype];
  return new Uint8Array(new Elements(values).buffer);
}
