/**
 * Element types of safetensors files.
 *
 * @module
 */

/** Floating point element types that the analyses read. */
export type FloatDtype = "BF16" | "F16" | "F32" | "F64";

/** Bytes an element, for every type the safetensors format names that fills whole bytes. */
export const BYTES_PER_ELEMENT: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, F8_E8M0: 1 },
  ...{ U16: 2, I16: 2, F16: 2, BF16: 2, U32: 4, I32: 4, F32: 4 },
  ...{ U64: 8, I64: 8, F64: 8, C64: 8 },
};

/** Whether `dtype` is one of {@linkcode FloatDtype}. */
export function isFloatDtype(dtype: string): dtype is FloatDtype {
  return ["BF16", "F16", "F32", "F64"].includes(dtype);
}

/**
 * Decodes little-endian elements. BF16, F16 and F32 are exact in the Float32Array returned; F64
 * gives a Float64Array.
 *
 * @throws {RangeError} if `bytes` is not a whole number of elements.
 */
export function decodeFloats(bytes: Uint8Array, dtype: FloatDtype): Float32Array | Float64Array {
  const size = BYTES_PER_ELEMENT[dtype];
  if (bytes.byteLength % size !== 0) {
    throw new RangeError(
      `Cannot decode ${bytes.byteLength} bytes as ${dtype}: not a multiple of ${size}`,
    );
  }
  // Typed arrays need an aligned offset; a misaligned view is copied once.
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = aligned;
  const length = bytes.byteLength / size;
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer, byteOffset, length).slice();
    case "F64":
      return new Float64Array(buffer, byteOffset, length).slice();
    case "BF16": {
      const source = new Uint16Array(buffer, byteOffset, length);
      const bits = new Uint32Array(length);
      for (let i = 0; i < length; i++) bits[i] = source[i] << 16;
      return new Float32Array(bits.buffer);
    }
    case "F16":
      return new Float32Array(new Float16Array(buffer, byteOffset, length));
  }
}
