// AssemblyScript (compiled to energy.wasm by `deno task kernels`): sums of squares over three
// blocks of equally many little-endian BF16 elements, `bytes` long each. BF16 is the upper half of
// an f32, so one 16-byte vector holds four even elements (shifted up) and four odd ones (masked).

// @ts-ignore: decorator
@inline
function even(words: v128): v128 {
  return i32x4.shl(words, 16);
}

// @ts-ignore: decorator
@inline
function odd(words: v128): v128 {
  return v128.and(words, i32x4.splat(0xffff0000));
}

// @ts-ignore: decorator
@inline
function squares(a: v128, b: v128): v128 {
  return f32x4.add(f32x4.mul(a, a), f32x4.mul(b, b));
}

// @ts-ignore: decorator
@inline
function widen(sum: v128, a: v128): v128 {
  const high = v128.shuffle<i64>(a, a, 1, 1);
  return f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(high)));
}

/** The power of two of each element, 2^floor(log2 |a|): its exponent bits alone. */
// @ts-ignore: decorator
@inline
function power(a: v128): v128 {
  return v128.and(a, i32x4.splat(0x7f800000));
}

/** Bytes whose squares are added in f32 before they go to the f64 accumulators: 16 vectors. */
const RUN: usize = 256;

/**
 * Writes ten f64 at `out`, to be added in pairs: (in - base)^2, (rl - in)^2, in^2,
 * (in - base)(rl - in), power(in)^2. Differences and products are rounded to f32 and added in runs
 * of 16 pairs, which is off by at most 18 * 2^-24 of each sum of squares, and mostly cancels.
 * `bytes` must be a multiple of 256.
 */
export function sums(base: usize, inn: usize, rl: usize, bytes: usize, out: usize): void {
  let d64 = f64x2.splat(0), r64 = d64, n64 = d64, x64 = d64, p64 = d64;
  for (let start: usize = 0; start < bytes; start += RUN) {
    let d = f32x4.splat(0), r = d, n = d, x = d, p = d;
    for (let i: usize = start; i < start + RUN; i += 16) {
      const inWords = v128.load(inn + i), baseWords = v128.load(base + i);
      const rlWords = v128.load(rl + i);
      const inEven = even(inWords), inOdd = odd(inWords);
      const dEven = f32x4.sub(inEven, even(baseWords)), dOdd = f32x4.sub(inOdd, odd(baseWords));
      const rEven = f32x4.sub(even(rlWords), inEven), rOdd = f32x4.sub(odd(rlWords), inOdd);
      d = f32x4.add(d, squares(dEven, dOdd));
      r = f32x4.add(r, squares(rEven, rOdd));
      n = f32x4.add(n, squares(inEven, inOdd));
      x = f32x4.add(x, f32x4.add(f32x4.mul(dEven, rEven), f32x4.mul(dOdd, rOdd)));
      p = f32x4.add(p, squares(power(inEven), power(inOdd)));
    }
    d64 = widen(d64, d);
    r64 = widen(r64, r);
    n64 = widen(n64, n);
    x64 = widen(x64, x);
    p64 = widen(p64, p);
  }
  v128.store(out, d64);
  v128.store(out, r64, 16);
  v128.store(out, n64, 32);
  v128.store(out, x64, 48);
  v128.store(out, p64, 64);
}

/** As `sums`, all in f64: for values whose squares leave the range of f32. 8-byte multiples. */
export function sums_f64(base: usize, inn: usize, rl: usize, bytes: usize, out: usize): void {
  let d = f64x2.splat(0), r = d, n = d, x = d, p = d;
  for (let i: usize = 0; i < bytes; i += 8) {
    const inWords = v128.load_zero<u64>(inn + i);
    const baseWords = v128.load_zero<u64>(base + i);
    const rlWords = v128.load_zero<u64>(rl + i);
    const inEven = f64x2.promote_low_f32x4(even(inWords));
    const inOdd = f64x2.promote_low_f32x4(odd(inWords));
    const pEven = f64x2.promote_low_f32x4(power(even(inWords)));
    const pOdd = f64x2.promote_low_f32x4(power(odd(inWords)));
    const dEven = f64x2.sub(inEven, f64x2.promote_low_f32x4(even(baseWords)));
    const dOdd = f64x2.sub(inOdd, f64x2.promote_low_f32x4(odd(baseWords)));
    const rEven = f64x2.sub(f64x2.promote_low_f32x4(even(rlWords)), inEven);
    const rOdd = f64x2.sub(f64x2.promote_low_f32x4(odd(rlWords)), inOdd);
    d = f64x2.add(d, f64x2.add(f64x2.mul(dEven, dEven), f64x2.mul(dOdd, dOdd)));
    r = f64x2.add(r, f64x2.add(f64x2.mul(rEven, rEven), f64x2.mul(rOdd, rOdd)));
    n = f64x2.add(n, f64x2.add(f64x2.mul(inEven, inEven), f64x2.mul(inOdd, inOdd)));
    x = f64x2.add(x, f64x2.add(f64x2.mul(dEven, rEven), f64x2.mul(dOdd, rOdd)));
    p = f64x2.add(p, f64x2.add(f64x2.mul(pEven, pEven), f64x2.mul(pOdd, pOdd)));
  }
  v128.store(out, d);
  v128.store(out, r, 16);
  v128.store(out, n, 32);
  v128.store(out, x, 48);
  v128.store(out, p, 64);
}

/** Elements whose bits are the same in two blocks. `bytes` must be a multiple of 256. */
export function alike(a: usize, b: usize, bytes: usize): i32 {
  let total = i32x4.splat(0);
  for (let start: usize = 0; start < bytes; start += RUN) {
    let run = i16x8.splat(0);
    for (let i: usize = start; i < start + RUN; i += 16) {
      run = i16x8.sub(run, i16x8.eq(v128.load(a + i), v128.load(b + i)));
    }
    total = i32x4.add(total, i32x4.extadd_pairwise_i16x8_s(run));
  }
  return i32x4.extract_lane(total, 0) + i32x4.extract_lane(total, 1) +
    i32x4.extract_lane(total, 2) + i32x4.extract_lane(total, 3);
}
