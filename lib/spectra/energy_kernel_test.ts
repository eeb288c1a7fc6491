import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { EnergyKernel } from "./energy_kernel.ts";

/** BF16 bits of a number, rounded towards zero. */
function bf16(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint16(0);
}

function fromBf16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits);
  return view.getFloat32(0);
}

function load(kernel: EnergyKernel, blocks: [number[], number[], number[]]): void {
  [kernel.base, kernel.in, kernel.rl].forEach((bytes, i) => {
    bytes.set(new Uint8Array(Uint16Array.from(blocks[i]).buffer));
  });
}

function expected([base, inn, rl]: [number[], number[], number[]]): number[] {
  const sums = [0, 0, 0, 0, 0];
  for (let i = 0; i < inn.length; i++) {
    const [b, n, r] = [fromBf16(base[i]), fromBf16(inn[i]), fromBf16(rl[i])];
    sums[0] += (n - b) ** 2;
    sums[1] += (r - n) ** 2;
    sums[2] += n ** 2;
    sums[3] += (n - b) * (r - n);
    if (Math.abs(n) >= 2 ** -126) sums[4] += 4 ** Math.floor(Math.log2(Math.abs(n)));
  }
  return sums;
}

function assertRelative(actual: number, wanted: number, tolerance: number): void {
  assert(
    Math.abs(actual - wanted) <= tolerance * wanted,
    `${actual} is not within ${tolerance} of ${wanted}`,
  );
}

Deno.test("EnergyKernel agrees with plain f64 sums for any finite BF16, at any length", async () => {
  const kernel = await EnergyKernel.create({ capacity: 400 });
  const finite = fc.integer({ min: 0, max: 0xffff }).filter((x) => (x & 0x7f80) !== 0x7f80);
  const weight = fc.double({ min: -4, max: 4, noNaN: true }).map(bf16);
  const tiny = fc.double({ min: -1e-19, max: 1e-19, noNaN: true }).map(bf16);
  const cases = fc.oneof(finite, weight, tiny).chain((sample) =>
    fc.array(fc.tuple(fc.constant(sample), weight, tiny, finite), { maxLength: 100 })
  );
  fc.assert(fc.property(cases, fc.nat(3), fc.nat(3), fc.nat(3), (rows, i, j, k) => {
    const blocks: [number[], number[], number[]] = [i, j, k].map((column) =>
      rows.map((row) => row[column])
    ) as [number[], number[], number[]];
    load(kernel, blocks);
    const sums = kernel.sums(2 * rows.length);
    const wanted = expected(blocks);
    assertRelative(sums.inMinusBase, wanted[0], 1.1e-6);
    assertRelative(sums.rlMinusIn, wanted[1], 1.1e-6);
    assertRelative(sums.inSquared, wanted[2], 1.1e-6);
    assertRelative(sums.powersSquared, wanted[4], 1.1e-6);
    const largest = Math.sqrt(wanted[0]) * Math.sqrt(wanted[1]);
    assert(Math.abs(sums.product - wanted[3]) <= 1.1e-6 * largest, `${sums.product}`);
    const alike = (a: number[], b: number[]) => a.filter((bits, i) => bits === b[i]).length;
    assertEquals(sums.inUnchanged, alike(blocks[0], blocks[1]));
    assertEquals(sums.rlUnchanged, alike(blocks[1], blocks[2]));
  }));
});

Deno.test("a NaN or infinite element anywhere makes a sum NaN or infinite", async () => {
  const kernel = await EnergyKernel.create({ capacity: 256 });
  const isFinite = (bytes: number) => Object.values(kernel.sums(bytes)).every(Number.isFinite);
  for (const bits of [0x7f80, 0xff80, 0x7fc0, 0x7f81]) {
    for (const [block, index] of [[0, 0], [1, 37], [2, 99]]) {
      const blocks: [number[], number[], number[]] = [[], [], []];
      for (const values of blocks) for (let i = 0; i < 100; i++) values.push(bf16(i / 7));
      blocks[block][index] = bits;
      load(kernel, blocks);
      assert(!isFinite(200));
      load(kernel, blocks);
      assert(isFinite(2 * index));
    }
  }
});

Deno.test("sums over many blocks lose nothing: the error averages out", async () => {
  const kernel = await EnergyKernel.create({ capacity: 1 << 17 });
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const blocks = [0, 1, 2].map(() =>
    Array.from({ length: 1 << 16 }, () => bf16(random() - 0.5))
  ) as [number[], number[], number[]];
  load(kernel, blocks);
  const sums = kernel.sums(1 << 17);
  const wanted = expected(blocks);
  [sums.inMinusBase, sums.rlMinusIn, sums.inSquared].forEach((sum, i) =>
    assertRelative(sum, wanted[i], 5e-8)
  );
});

Deno.test("EnergyKernel keeps values whose squares or differences leave the f32 range", async () => {
  const kernel = await EnergyKernel.create({ capacity: 64 });
  const big = 0x7f7f, minusBig = 0xff7f, small = 0x0001;
  load(kernel, [[big, 0], [minusBig, 0], [minusBig, small]]);
  const sums = kernel.sums(4);
  const max = fromBf16(big);
  assertAlmostEquals(sums.inMinusBase / (4 * max * max), 1, 1e-12);
  assertAlmostEquals(sums.rlMinusIn / fromBf16(small) ** 2, 1, 1e-12);
  assertAlmostEquals(sums.inSquared / (max * max), 1, 1e-12);
});

Deno.test("EnergyKernel refuses lengths that do not fit", async () => {
  const kernel = await EnergyKernel.create({ capacity: 64 });
  assertThrows(() => kernel.sums(66), RangeError, "cannot sum 66 bytes");
  assertThrows(() => kernel.sums(3), RangeError, "not a whole number of BF16");
});
