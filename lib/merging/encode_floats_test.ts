import { assertEquals } from "@std/assert";
import { encodeFloats } from "./encode_floats.ts";
import { readReference } from "./testdata/reference.ts";

const { rounding } = readReference();

Deno.test("doubles are rounded once, to nearest even, as exact fractions and numpy say", () => {
  assertEquals([...new Uint16Array(encodeFloats(rounding.values, "BF16").buffer)], rounding.bf16);
  assertEquals([...new Uint16Array(encodeFloats(rounding.values, "F16").buffer)], rounding.f16);
  assertEquals([...new Uint32Array(encodeFloats(rounding.values, "F32").buffer)], rounding.f32);
  assertEquals([...new Float64Array(encodeFloats(rounding.values, "F64").buffer)], rounding.values);
});

Deno.test("infinities stay, and NaN stays NaN even if only its low bits say so", () => {
  const low = new Float32Array(new Uint32Array([0x7f800001]).buffer);
  const bits = new Uint16Array(encodeFloats([Infinity, -Infinity, NaN, low[0]], "BF16").buffer);
  assertEquals([bits[0], bits[1]], [0x7f80, 0xff80]);
  for (const nan of bits.subarray(2)) {
    assertEquals([nan & 0x7f80, (nan & 0x7f) > 0], [0x7f80, true]);
  }
});
