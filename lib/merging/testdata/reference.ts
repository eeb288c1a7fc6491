/**
 * The numbers of make_reference.py.
 *
 * @module
 */

/** Doubles and the bits of their roundings. */
export interface RoundingReference {
  values: number[];
  bf16: number[];
  f16: number[];
  f32: number[];
}

/** Two parents, and the bits of their blend. */
export interface BlendReference {
  alpha: number;
  /** BF16 numbers. */
  a: number[];
  b: number[];
  bf16: number[];
  /** F32 numbers. */
  a32: number[];
  b32: number[];
  f32: number[];
}

/** A double of Python's `float.hex()`, exact. */
function fromHex(text: string): number {
  const match = /^(-?)0x([01])\.([0-9a-f]*)p([+-]\d+)$/.exec(text);
  if (!match) throw new Error(`${text} is not a hexadecimal float`);
  const [, sign, whole, fraction, exponent] = match;
  const digits = parseInt(whole + fraction, 16);
  // In two steps: a subnormal's power of two alone would underflow.
  const power = Number(exponent);
  const value = digits / 2 ** (4 * fraction.length) * 2 ** Math.max(power, -1000) *
    2 ** Math.min(0, power + 1000);
  return sign === "-" ? -value : value;
}

/** Reads the reference numbers. */
export function readReference(): { rounding: RoundingReference; blends: BlendReference[] } {
  const json = JSON.parse(Deno.readTextFileSync(new URL("./reference.json", import.meta.url)));
  return {
    ...json,
    rounding: { ...json.rounding, values: json.rounding.values.map(fromHex) },
  };
}
