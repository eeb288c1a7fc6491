import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { toBf16 } from "../testing/safetensors_writer.ts";
import { decodeFloats } from "./dtype.ts";

Deno.test("every f16 bit pattern decodes by IEEE 754's formula", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const decoded = decodeFloats(new Uint8Array(bits.buffer), "F16");
  for (let i = 0; i < 65536; i++) {
    const sign = i & 0x8000 ? -1 : 1;
    const [exponent, fraction] = [(i >> 10) & 31, i & 1023];
    const expected = exponent === 31
      ? (fraction === 0 ? sign * Infinity : NaN)
      : exponent === 0
      ? sign * fraction * 2 ** -24
      : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    assert(Object.is(decoded[i], expected), `0x${i.toString(16)}: ${decoded[i]}, not ${expected}`);
  }
});

Deno.test("bf16 is the upper half of an f32", () => {
  fc.assert(fc.property(fc.float({ noNaN: true }), (value) => {
    const half = toBf16(value);
    const [decoded] = decodeFloats(new Uint8Array([half & 255, half >> 8]), "BF16");
    const expected = new Float32Array(new Uint32Array([half << 16]).buffer)[0];
    return Object.is(decoded, expected);
  }));
});

Deno.test("f32 and f64 decode from bytes that are not aligned", () => {
  const shifted = (source: ArrayBuffer) => {
    const bytes = new Uint8Array(source.byteLength + 1);
    bytes.set(new Uint8Array(source), 1);
    return bytes.subarray(1);
  };
  const f32 = new Float32Array([1.5, -2, 3e-39]);
  assertEquals(decodeFloats(shifted(f32.buffer), "F32"), f32);
  const f64 = new Float64Array([Math.PI, -1e300]);
  assertEquals(decodeFloats(shifted(f64.buffer), "F64"), f64);
});

Deno.test("decoded values do not share memory with the bytes", () => {
  const bytes = new Uint8Array(new Float32Array([1]).buffer);
  const values = decodeFloats(bytes, "F32");
  bytes.fill(0);
  assertEquals(values[0], 1);
});

Deno.test("half an element is an error", () => {
  assertThrows(() => decodeFloats(new Uint8Array(3), "BF16"), RangeError, "3 bytes as BF16");
});
