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
function difference_squares(a: v128, b: v128): v128 {
  return squares(f32x4.sub(even(a), even(b)), f32x4.sub(odd(a), odd(b)));
}

// @ts-ignore: decorator
@inline
function high(a: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(a, a, 1, 1));
}

/**
 * Writes six f64 at `out`, to be added in pairs: (in - base)^2, (rl - in)^2, in^2. Differences and
 * squares are rounded to f32 and four of them added in f32 before the f64 accumulators, which is
 * off by at most 5 * 2^-24 of each sum. `bytes` must be a multiple of 32.
 */
export function sums(base: usize, inn: usize, rl: usize, bytes: usize, out: usize): void {
  let d0 = f64x2.splat(0), d1 = d0, r0 = d0, r1 = d0, n0 = d0, n1 = d0;
  for (let i: usize = 0; i < bytes; i += 32) {
    const in0 = v128.load(inn + i), in1 = v128.load(inn + i, 16);
    const base0 = v128.load(base + i), base1 = v128.load(base + i, 16);
    const rl0 = v128.load(rl + i), rl1 = v128.load(rl + i, 16);
    const d = f32x4.add(difference_squares(in0, base0), difference_squares(in1, base1));
    const r = f32x4.add(difference_squares(rl0, in0), difference_squares(rl1, in1));
    const n = f32x4.add(squares(even(in0), odd(in0)), squares(even(in1), odd(in1)));
    d0 = f64x2.add(d0, f64x2.promote_low_f32x4(d));
    d1 = f64x2.add(d1, high(d));
    r0 = f64x2.add(r0, f64x2.promote_low_f32x4(r));
    r1 = f64x2.add(r1, high(r));
    n0 = f64x2.add(n0, f64x2.promote_low_f32x4(n));
    n1 = f64x2.add(n1, high(n));
  }
  v128.store(out, f64x2.add(d0, d1));
  v128.store(out + 16, f64x2.add(r0, r1));
  v128.store(out + 32, f64x2.add(n0, n1));
}

/** As `sums`, all in f64: for values whose squares leave the range of f32. 8-byte multiples. */
export function sums_f64(base: usize, inn: usize, rl: usize, bytes: usize, out: usize): void {
  let d = f64x2.splat(0), r = d, n = d;
  for (let i: usize = 0; i < bytes; i += 8) {
    const inWords = v128.load_zero<u64>(inn + i);
    const baseWords = v128.load_zero<u64>(base + i);
    const rlWords = v128.load_zero<u64>(rl + i);
    const inEven = f64x2.promote_low_f32x4(even(inWords));
    const inOdd = f64x2.promote_low_f32x4(odd(inWords));
    const dEven = f64x2.sub(inEven, f64x2.promote_low_f32x4(even(baseWords)));
    const dOdd = f64x2.sub(inOdd, f64x2.promote_low_f32x4(odd(baseWords)));
    const rEven = f64x2.sub(f64x2.promote_low_f32x4(even(rlWords)), inEven);
    const rOdd = f64x2.sub(f64x2.promote_low_f32x4(odd(rlWords)), inOdd);
    d = f64x2.add(d, f64x2.add(f64x2.mul(dEven, dEven), f64x2.mul(dOdd, dOdd)));
    r = f64x2.add(r, f64x2.add(f64x2.mul(rEven, rEven), f64x2.mul(rOdd, rOdd)));
    n = f64x2.add(n, f64x2.add(f64x2.mul(inEven, inEven), f64x2.mul(inOdd, inOdd)));
  }
  v128.store(out, d);
  v128.store(out + 16, r);
  v128.store(out + 32, n);
}

/** Whether two blocks differ in any bit. `bytes` must be a multiple of 16. */
export function differ(a: usize, b: usize, bytes: usize): bool {
  for (let i: usize = 0; i < bytes; i += 16) {
    if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return true;
  }
  return false;
}
