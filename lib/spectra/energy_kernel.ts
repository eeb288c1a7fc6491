/**
 * Sums of squares over three blocks of raw BF16 tensor bytes in one pass: the inner loop of the
 * update energy, a WebAssembly SIMD kernel that works straight on the bytes of the file.
 *
 * @module
 */

/**
 * What one call of {@linkcode EnergyKernel.sums} found. A NaN or infinite element makes at least one
 * of the sums NaN or infinite; sums of finite BF16 are always finite.
 */
export interface EnergySums {
  /** Sum of (in - base)^2. */
  inMinusBase: number;
  /** Sum of (rl - in)^2. */
  rlMinusIn: number;
  /** Sum of in^2. */
  inSquared: number;
  /** Sum of (in - base)(rl - in). */
  product: number;
  /** Sum of squares of the powers of two at or below |in|; that of subnormal numbers counts as 0. */
  powersSquared: number;
  /** Elements whose bits are the same in Base and IN. */
  inUnchanged: number;
  /** Elements whose bits are the same in IN and RL. */
  rlUnchanged: number;
}

interface Exports {
  sums(base: number, inn: number, rl: number, bytes: number, out: number): void;
  sums_f64(base: number, inn: number, rl: number, bytes: number, out: number): void;
  alike(a: number, b: number, bytes: number): number;
}

/** Bytes that the kernel's widest loop reads at once; blocks are padded with zeros to it. */
const STEP = 256;
const PAGE = 65536;

/**
 * Three byte blocks in WebAssembly memory and the loops over them. Read the same part of a tensor
 * of the three checkpoints into {@linkcode base}, {@linkcode in} and {@linkcode rl}, then call
 * {@linkcode sums}; add up the sums of all parts. An instance belongs to one thread and its memory
 * lives as long as it does.
 *
 * Accuracy for BF16: at most 18 * 2^-24 (1.1e-6) of each sum of squares and a few 1e-8 in practice;
 * where squares would leave the range of f32, a slower f64 loop runs instead. The product is off by
 * at most as much of the root of both sums of squares; counts are exact.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const kernel = await EnergyKernel.create({ capacity: 1024 });
 * kernel.in.set([0x80, 0x3f, 0x00, 0x40]); // BF16, little-endian: 1, 2
 * kernel.rl.set([0x80, 0x3f, 0x40, 0x40]); // 1, 3
 * const { inMinusBase, rlMinusIn, inUnchanged, rlUnchanged } = kernel.sums(4);
 * assertEquals([inMinusBase, rlMinusIn, inUnchanged, rlUnchanged], [5, 1, 0, 1]);
 * ```
 */
export class EnergyKernel {
  /** Where the Base checkpoint's bytes go; `capacity` bytes. */
  readonly base: Uint8Array<ArrayBuffer>;
  /** Where the IN checkpoint's bytes go. */
  readonly in: Uint8Array<ArrayBuffer>;
  /** Where the RL checkpoint's bytes go. */
  readonly rl: Uint8Array<ArrayBuffer>;
  readonly #kernel: Exports;
  readonly #out: Float64Array;

  private constructor(kernel: Exports, memory: ArrayBuffer, capacity: number, stride: number) {
    this.#kernel = kernel;
    this.#out = new Float64Array(memory, 0, 10);
    this.base = new Uint8Array(memory, PAGE, capacity);
    this.in = new Uint8Array(memory, PAGE + stride, capacity);
    this.rl = new Uint8Array(memory, PAGE + 2 * stride, capacity);
  }

  /**
   * Loads the kernel with room for `capacity` bytes per block (default 4 MiB, at most 1 GiB).
   * Throws a RangeError for any other capacity.
   */
  static async create(options: { capacity?: number } = {}): Promise<EnergyKernel> {
    const capacity = options.capacity ?? 4 << 20;
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 2 ** 30) {
      throw new RangeError(`cannot hold blocks of ${capacity} bytes: use 1 to ${2 ** 30}`);
    }
    const stride = Math.ceil(capacity / PAGE) * PAGE;
    const bytes = await Deno.readFile(new URL("./kernels/energy.wasm", import.meta.url));
    const memory = new WebAssembly.Memory({ initial: 1 + 3 * stride / PAGE });
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
    const kernel = instance.exports as unknown as Exports;
    return new EnergyKernel(kernel, memory.buffer as ArrayBuffer, capacity, stride);
  }

  /**
   * Sums over the first `byteLength` bytes of the three blocks. Bytes after `byteLength` may be
   * overwritten with zeros. Throws a RangeError if `byteLength` is above the capacity or odd.
   */
  sums(byteLength: number): EnergySums {
    if (!Number.isInteger(byteLength) || byteLength < 0 || byteLength > this.base.length) {
      throw new RangeError(
        `cannot sum ${byteLength} bytes: the blocks hold 0 to ${this.base.length}`,
      );
    }
    if (byteLength % 2 !== 0) {
      throw new RangeError(`cannot sum ${byteLength} bytes: not a whole number of BF16`);
    }
    const padded = Math.ceil(byteLength / STEP) * STEP;
    const blocks = [this.base, this.in, this.rl];
    for (const block of blocks) {
      // The stride is a multiple of the page, so the padding stays inside this block's room.
      new Uint8Array(block.buffer, block.byteOffset + byteLength, padded - byteLength).fill(0);
    }
    const [base, inn, rl] = blocks.map((block) => block.byteOffset);
    this.#kernel.sums(base, inn, rl, padded, 0);
    let sums = this.#read();
    // The padding is alike everywhere.
    const [added, elements] = [(padded - byteLength) / 2, byteLength / 2];
    const inUnchanged = this.#kernel.alike(base, inn, padded) - added;
    const rlUnchanged = this.#kernel.alike(inn, rl, padded) - added;
    // f32 squares are below 2^-149 wrong each: nothing, beside a sum that is this much larger.
    const trusted = byteLength * 1e-36;
    const exact = sums[4] >= trusted && (sums[0] >= trusted || inUnchanged === elements) &&
      (sums[1] >= trusted || rlUnchanged === elements);
    if (!exact || !sums.every(Number.isFinite)) {
      this.#kernel.sums_f64(base, inn, rl, padded, 0);
      sums = this.#read();
    }
    const [inMinusBase, rlMinusIn, inSquared, product, powersSquared] = sums;
    return {
      ...{ inMinusBase, rlMinusIn, inSquared, product, powersSquared },
      ...{ inUnchanged, rlUnchanged },
    };
  }

  #read(): number[] {
    const out = this.#out;
    return [0, 2, 4, 6, 8].map((at) => out[at] + out[at + 1]);
  }
}
