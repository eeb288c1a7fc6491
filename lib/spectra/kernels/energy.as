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

/** Bytes whose squares are added in f32 before they go to the f64 accumulators: 16 vectors. */
const RUN: usize = 256;

/**
 * Writes six f64 at `out`, to be added in pairs: (in - base)^2, (rl - in)^2, in^2. Differences and
 * squares are rounded to f32 and added in runs of 16 pairs, which is off by at most 18 * 2^-24 of
 * each sum, and mostly cancels. `bytes` must be a multiple of 256.
 */
export function sums(base: usize, inn: usize, rl: usize, bytes: usize, out: usize): void {
  let d64 = f64x2.splat(0), r64 = d64, n64 = d64;
  for (let start: usize = 0; start < bytes; start += RUN) {
    let d = f32x4.splat(0), r = d, n = d;
    for (let i: usize = start; i < start + RUN; i += 16) {
      const inWords = v128.load(inn + i), baseWords = v128.load(base + i);
      const rlWords = v128.load(rl + i);
      const inEven = even(inWords), inOdd = odd(inWords);
      d = f32x4.add(
        d,
        squares(f32x4.sub(inEven, even(baseWords)), f32x4.sub(inOdd, odd(baseWords))),
      );
      r = f32x4.add(r, squares(f32x4.sub(even(rlWords), inEven), f32x4.sub(odd(rlWords), inOdd)));
      n = f32x4.add(n, squares(inEven, inOdd));
    }
    d64 = widen(d64, d);
    r64 = widen(r64, r);
    n64 = widen(n64, n);
  }
  v128.store(out, d64);
  v128.store(out + 16, r64);
  v128.store(out + 32, n64);
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
