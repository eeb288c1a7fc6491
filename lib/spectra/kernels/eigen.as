// AssemblyScript (compiled to eigen.wasm by `deno task kernels`): the Householder loops of the
// symmetric eigenvalue solver, in f64 with two SIMD lanes. Lengths named `bytes` are 8 bytes an
// element; a symmetric block is given by its lower half, column-major, columns `stride` bytes apart.

// @ts-ignore: decorator
@inline
function sum(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}

// @ts-ignore: decorator
@inline
function muladd(a: v128, b: v128, c: v128): v128 {
  return f64x2.add(c, f64x2.mul(a, b));
}

function dot(a: usize, b: usize, bytes: usize): f64 {
  let s = f64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) s = muladd(v128.load(a + i), v128.load(b + i), s);
  return sum(s);
}

/**
 * Makes the reflector I - tau v v^T that maps x to (beta, 0, ...): overwrites x with v, v[0] = 1,
 * stores beta at `betaAt` (which may be x's own place only before the call) and returns tau, 0 if
 * x is such a vector already.
 */
function reflector(x: usize, bytes: usize, betaAt: usize): f64 {
  const alpha = load<f64>(x);
  store<f64>(x, 0);
  const rest = dot(x, x, bytes);
  if (rest == 0) {
    store<f64>(x, 1);
    store<f64>(betaAt, alpha);
    return 0;
  }
  const norm = Math.sqrt(alpha * alpha + rest);
  const beta = alpha > 0 ? -norm : norm;
  const scale = f64x2.splat(1 / (alpha - beta));
  for (let i: usize = 0; i < bytes; i += 16) v128.store(x + i, f64x2.mul(v128.load(x + i), scale));
  store<f64>(x, 1);
  store<f64>(betaAt, beta);
  return (beta - alpha) / beta;
}

/** D = H D H with H = I - tau v v^T; D symmetric of even order, `w` scratch of v's length. */
function two_sided(d: usize, stride: usize, bytes: usize, v: usize, tau: f64, w: usize): void {
  memory.fill(w, 0, bytes);
  // w = D v, two columns at a time: each element below the diagonal serves its row and its column.
  for (let j: usize = 0; j < bytes; j += 16) {
    const c0 = d + (j >> 3) * stride, c1 = c0 + stride;
    const v0 = load<f64>(v + j), v1 = load<f64>(v + j, 8), d10 = load<f64>(c0 + j, 8);
    const x0 = f64x2.splat(v0), x1 = f64x2.splat(v1);
    let s0 = f64x2.splat(0), s1 = s0;
    for (let i = j + 16; i < bytes; i += 16) {
      const a0 = v128.load(c0 + i), a1 = v128.load(c1 + i), vi = v128.load(v + i);
      s0 = muladd(a0, vi, s0);
      s1 = muladd(a1, vi, s1);
      v128.store(w + i, muladd(a1, x1, muladd(a0, x0, v128.load(w + i))));
    }
    store<f64>(w + j, load<f64>(w + j) + load<f64>(c0 + j) * v0 + d10 * v1 + sum(s0));
    store<f64>(w + j, load<f64>(w + j, 8) + d10 * v0 + load<f64>(c1 + j, 8) * v1 + sum(s1), 8);
  }
  // w = tau D v - (tau^2 / 2) (v^T D v) v, so that H D H = D - v w^T - w v^T.
  const scale = f64x2.splat(tau), along = f64x2.splat(-0.5 * tau * tau * dot(v, w, bytes));
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(w + i, muladd(along, v128.load(v + i), f64x2.mul(scale, v128.load(w + i))));
  }
  for (let j: usize = 0; j < bytes; j += 16) {
    const c0 = d + (j >> 3) * stride, c1 = c0 + stride;
    const v0 = load<f64>(v + j), v1 = load<f64>(v + j, 8);
    const w0 = load<f64>(w + j), w1 = load<f64>(w + j, 8);
    store<f64>(c0 + j, load<f64>(c0 + j) - 2 * v0 * w0);
    store<f64>(c0 + j, load<f64>(c0 + j, 8) - (v1 * w0 + v0 * w1), 8);
    store<f64>(c1 + j, load<f64>(c1 + j, 8) - 2 * v1 * w1, 8);
    const x0 = f64x2.splat(v0), x1 = f64x2.splat(v1), y0 = f64x2.splat(w0), y1 = f64x2.splat(w1);
    for (let i = j + 16; i < bytes; i += 16) {
      const vi = v128.load(v + i), wi = v128.load(w + i);
      const u0 = muladd(wi, x0, f64x2.mul(vi, y0)), u1 = muladd(wi, x1, f64x2.mul(vi, y1));
      v128.store(c0 + i, f64x2.sub(v128.load(c0 + i), u0));
      v128.store(c1 + i, f64x2.sub(v128.load(c1 + i), u1));
    }
  }
}

/** u = tau C v for a block C of which each column is `bytes` long (a multiple of 64), square. */
function scaled_product(
  c: usize,
  stride: usize,
  bytes: usize,
  v: usize,
  tau: f64,
  u: usize,
): void {
  const scale = f64x2.splat(tau);
  for (let i: usize = 0; i < bytes; i += 64) {
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, at = c + i;
    for (let j: usize = 0; j < bytes; j += 8) {
      const vj = v128.load64_splat(v + j);
      s0 = muladd(v128.load(at), vj, s0);
      s1 = muladd(v128.load(at, 16), vj, s1);
      s2 = muladd(v128.load(at, 32), vj, s2);
      s3 = muladd(v128.load(at, 48), vj, s3);
      at += stride;
    }
    v128.store(u + i, f64x2.mul(scale, s0));
    v128.store(u + i, f64x2.mul(scale, s1), 16);
    v128.store(u + i, f64x2.mul(scale, s2), 32);
    v128.store(u + i, f64x2.mul(scale, s3), 48);
  }
}

/**
 * C = H' (C H) with H = I - tau v v^T given and H' made to clear C's first column below its first
 * entry. Leaves the vector of H' in v and returns its tau. `u` and `x` are scratch.
 */
function off_diagonal(
  c: usize,
  stride: usize,
  bytes: usize,
  v: usize,
  tau: f64,
  u: usize,
  x: usize,
): f64 {
  scaled_product(c, stride, bytes, v, tau, u);
  // v[0] = 1: the first column of C H is C's first column minus u.
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(x + i, f64x2.sub(v128.load(c + i), v128.load(u + i)));
  }
  memory.fill(c, 0, bytes);
  const tau2 = reflector(x, bytes, c);
  const ux = dot(u, x, bytes);
  // Every other column j loses v[j] u (from the right) and z[j] x (from the left), z = tau2 (C H)^T x.
  for (let j: usize = 8; j < bytes; j += 8) {
    const column = c + (j >> 3) * stride, vj = load<f64>(v + j);
    let s0 = f64x2.splat(0), s1 = s0;
    for (let i: usize = 0; i < bytes; i += 32) {
      s0 = muladd(v128.load(column + i), v128.load(x + i), s0);
      s1 = muladd(v128.load(column + i, 16), v128.load(x + i, 16), s1);
    }
    const y = f64x2.splat(vj), z = f64x2.splat(tau2 * (sum(f64x2.add(s0, s1)) - ux * vj));
    for (let i: usize = 0; i < bytes; i += 16) {
      const change = muladd(v128.load(x + i), z, f64x2.mul(v128.load(u + i), y));
      v128.store(column + i, f64x2.sub(v128.load(column + i), change));
    }
  }
  memory.copy(v, x, bytes);
  return tau2;
}

/**
 * Step k of sweep s of the bulge chase on a band matrix: step 0 clears column s below its first
 * subdiagonal; each later step clears the first column of the bulge that the one before made.
 * `state` holds the sweep's current vector and tau.
 */
function chase_step(
  band: usize,
  width: usize,
  s: usize,
  k: usize,
  state: usize,
  scratch: usize,
): void {
  const bytes = width << 3, column = width << 4, stride = column - 8;
  const row = s + 1 + k * width, tauAt = state + bytes;
  let tau: f64;
  if (k == 0) {
    const at = band + s * column + 8;
    memory.copy(state, at, bytes);
    memory.fill(at, 0, bytes);
    tau = reflector(state, bytes, at);
  } else {
    const at = band + (row - width) * column + bytes;
    tau = off_diagonal(at, stride, bytes, state, load<f64>(tauAt), scratch, scratch + bytes);
  }
  store<f64>(tauAt, tau);
  if (tau != 0) two_sided(band + row * column, stride, bytes, state, tau, scratch);
}

/**
 * Reduces a symmetric band matrix of order n to tridiagonal form, in place. Column j starts at
 * band + j * 2 * width * 8 with its diagonal entry; `width` subdiagonals, a multiple of 8, then
 * room for the bulge; 2 * width columns of zeros after the last. `scratch` has room for
 * (wave + 2) * (width + 2) elements. A wave of sweeps goes down the band together, each two steps
 * behind the one before, so that the band passes through the cache once a wave.
 */
export function tridiagonalise_band(
  band: usize,
  width: i32,
  n: i32,
  wave: i32,
  scratch: usize,
): void {
  const stateBytes = <usize>(width + 2) << 3;
  const states = scratch + 2 * stateBytes;
  for (let first = 0; first < n - 2; first += wave) {
    const sweeps = min(wave, n - 2 - first);
    const ticks = (n - 2 - first) / width + 1 + 2 * (sweeps - 1);
    for (let tick = 0; tick < ticks; tick++) {
      for (let i = 0; i < sweeps; i++) {
        const k = tick - 2 * i, s = first + i;
        if (k < 0) break;
        if (s + 1 + k * width >= n) continue;
        chase_step(band, width, s, k, states + <usize>i * stateBytes, scratch);
      }
    }
  }
}

/**
 * Reduces a dense symmetric matrix of order n to tridiagonal form: diagonal and subdiagonal are
 * left in place. Columns of `rows` >= n + 1 elements, zero from row n on; `scratch` 2 * rows.
 */
export function tridiagonalise_dense(a: usize, rows: i32, n: i32, scratch: usize): void {
  const stride = <usize>rows << 3;
  for (let s = 0; s < n - 2; s++) {
    const bytes = <usize>((n - s) & ~1) << 3;
    const at = a + <usize>s * stride + (<usize>(s + 1) << 3);
    memory.copy(scratch, at, bytes);
    const tau = reflector(scratch, bytes, at);
    if (tau != 0) two_sided(at + stride, stride, bytes, scratch, tau, scratch + stride);
  }
}

/** Applies I - tau v v^T to four rows at once: v is read once for the four. */
function reflect_rows(v: usize, row: usize, stride: usize, bytes: usize, tau: f64): void {
  const row1 = row + stride, row2 = row1 + stride, row3 = row2 + stride;
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x = v128.load(v + i), y = v128.load(v + i, 16);
    s0 = muladd(x, v128.load(row + i), s0);
    s1 = muladd(x, v128.load(row1 + i), s1);
    s2 = muladd(x, v128.load(row2 + i), s2);
    s3 = muladd(x, v128.load(row3 + i), s3);
    t0 = muladd(y, v128.load(row + i, 16), t0);
    t1 = muladd(y, v128.load(row1 + i, 16), t1);
    t2 = muladd(y, v128.load(row2 + i, 16), t2);
    t3 = muladd(y, v128.load(row3 + i, 16), t3);
  }
  const w0 = f64x2.splat(tau * sum(f64x2.add(s0, t0)));
  const w1 = f64x2.splat(tau * sum(f64x2.add(s1, t1)));
  const w2 = f64x2.splat(tau * sum(f64x2.add(s2, t2)));
  const w3 = f64x2.splat(tau * sum(f64x2.add(s3, t3)));
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(v + i);
    v128.store(row + i, f64x2.sub(v128.load(row + i), f64x2.mul(x, w0)));
    v128.store(row1 + i, f64x2.sub(v128.load(row1 + i), f64x2.mul(x, w1)));
    v128.store(row2 + i, f64x2.sub(v128.load(row2 + i), f64x2.mul(x, w2)));
    v128.store(row3 + i, f64x2.sub(v128.load(row3 + i), f64x2.mul(x, w3)));
  }
}

function reflect_row(v: usize, row: usize, bytes: usize, tau: f64): void {
  const w = f64x2.splat(tau * dot(v, row, bytes));
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(row + i, f64x2.sub(v128.load(row + i), f64x2.mul(v128.load(v + i), w)));
  }
}

/**
 * QL factorisation of a panel X of `length` x `width`, given by its columns as rows `stride` bytes
 * apart; both multiples of 4. Column j, from the last to the first, is cleared above its entry
 * length - width + j. Leaves the reflectors' vectors in the rows (zero behind that entry, which is
 * 1), their factors at `tau`, and L at `lower`: row j holds the last `width` entries of column j.
 */
export function factor_panel(
  panel: usize,
  stride: usize,
  length: i32,
  width: i32,
  tau: usize,
  lower: usize,
): void {
  const bytes = <usize>length << 3, corner = <usize>(length - width) << 3;
  for (let j = width - 1; j >= 0; j--) {
    const at = <usize>j << 3, row = panel + <usize>j * stride, pivot = row + corner + at;
    const kept = lower + <usize>j * (<usize>width << 3), rest = <usize>(width - j) << 3;
    memory.fill(kept, 0, at);
    memory.copy(kept + at, pivot, rest);
    memory.fill(pivot, 0, rest);
    const alpha = load<f64>(kept + at), above = dot(row, row, bytes);
    if (above == 0) {
      store<f64>(tau + at, 0);
      continue;
    }
    const norm = Math.sqrt(alpha * alpha + above);
    const beta = alpha > 0 ? -norm : norm;
    const scale = f64x2.splat(1 / (alpha - beta)), factor = (beta - alpha) / beta;
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(row + i, f64x2.mul(v128.load(row + i), scale));
    }
    store<f64>(pivot, 1);
    store<f64>(kept + at, beta);
    store<f64>(tau + at, factor);
    let i = 0;
    for (; i + 4 <= j; i += 4) reflect_rows(row, panel + <usize>i * stride, stride, bytes, factor);
    for (; i < j; i++) reflect_row(row, panel + <usize>i * stride, bytes, factor);
  }
}

/** to (length x width, row-major) = the transpose of `width` rows `stride` bytes apart; both even. */
export function transpose(from: usize, stride: usize, length: i32, width: i32, to: usize): void {
  const row = <usize>width << 3;
  for (let i = 0; i < length; i += 2) {
    for (let j = 0; j < width; j += 2) {
      const source = from + <usize>j * stride + (<usize>i << 3);
      const target = to + <usize>i * row + (<usize>j << 3);
      const a = v128.load(source), b = v128.load(source + stride);
      v128.store(target, v128.shuffle<i64>(a, b, 0, 2));
      v128.store(target + row, v128.shuffle<i64>(a, b, 1, 3));
    }
  }
}
