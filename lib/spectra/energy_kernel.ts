/**
 * Sums of squares over three blocks of raw tensor bytes in one pass: the inner loop of the update
 * energy. BF16 runs in a WebAssembly SIMD kernel, straight on the bytes of the file.
 *
 * @module
 */

/** Element types of safetensors that {@linkcode EnergyKernel.sums} understands. */
export type EnergyDtype = "BF16" | "F16" | "F32" | "F64";

/** What one call of {@linkcode EnergyKernel.sums} found. */
export interface EnergySums {
  /** Sum of (in - base)^2. */
  inMinusBase: number;
  /** Sum of (rl - in)^2. */
  rlMinusIn: number;
  /** Sum of in^2. */
  inSquared: number;
  /** NaN or infinite elements in the three blocks together; above 0 no sum is meaningful. */
  nonFinite: number;
}

interface Exports {
  sums(base: number, inn: number, rl: number, bytes: number, out: number): void;
  sums_f64(base: number, inn: number, rl: number, bytes: number, out: number): void;
  differ(a: number, b: number, bytes: number): number;
}

/** Bytes that the kernel's widest loop reads at once; blocks are padded with zeros to it. */
const STEP = 256;
const PAGE = 65536;
const ELEMENT_BYTES: Record<EnergyDtype, number> = { BF16: 2, F16: 2, F32: 4, F64: 8 };

/**
 * Three byte blocks in WebAssembly memory and the loops over them. Read the same part of a tensor
 * of the three checkpoints into {@linkcode base}, {@linkcode in} and {@linkcode rl}, then call
 * {@linkcode sums}; add up the sums of all parts. An instance belongs to one thread and its memory
 * lives as long as it does.
 *
 * Accuracy for BF16: at most 18 * 2^-24 (1.1e-6) of each sum and about 1e-8 in practice; where squares
 * would leave the range of f32, a slower f64 loop runs instead. The other types sum in f64.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const kernel = await EnergyKernel.create({ capacity: 1024 });
 * kernel.in.set([0x80, 0x3f, 0x00, 0x40]); // BF16, little-endian: 1, 2
 * kernel.rl.set([0x80, 0x3f, 0x40, 0x40]); // 1, 3
 * assertEquals(kernel.sums(4), { inMinusBase: 5, rlMinusIn: 1, inSquared: 5, nonFinite: 0 });
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
    this.#out = new Float64Array(memory, 0, 6);
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
   * Sums over the first `byteLength` bytes of the three blocks, little-endian elements of `dtype`.
   * Bytes after `byteLength` may be overwritten with zeros. Throws a RangeError if `byteLength` is
   * above the capacity or not a whole number of elements.
   */
  sums(byteLength: number, dtype: EnergyDtype = "BF16"): EnergySums {
    if (!Number.isInteger(byteLength) || byteLength < 0 || byteLength > this.base.length) {
      throw new RangeError(
        `cannot sum ${byteLength} bytes: the blocks hold 0 to ${this.base.length}`,
      );
    }
    if (byteLength % ELEMENT_BYTES[dtype] !== 0) {
      throw new RangeError(`cannot sum ${byteLength} bytes: not a whole number of ${dtype}`);
    }
    return dtype === "BF16" ? this.#sumsBf16(byteLength) : this.#sumsTyped(byteLength, dtype);
  }

  #sumsBf16(byteLength: number): EnergySums {
    const padded = Math.ceil(byteLength / STEP) * STEP;
    const blocks = [this.base, this.in, this.rl];
    for (const block of blocks) {
      // The stride is a multiple of the page, so the padding stays inside this block's room.
      new Uint8Array(block.buffer, block.byteOffset + byteLength, padded - byteLength).fill(0);
    }
    const [base, inn, rl] = blocks.map((block) => block.byteOffset);
    this.#kernel.sums(base, inn, rl, padded, 0);
    let sums = this.#read();
    // f32 squares are below 2^-149 wrong each: nothing, beside a sum that is this much larger.
    const trusted = byteLength * 1e-36;
    const exact = sums[2] >= trusted &&
      (sums[0] >= trusted || this.#kernel.differ(base, inn, padded) === 0) &&
      (sums[1] >= trusted || this.#kernel.differ(inn, rl, padded) === 0);
    if (!exact || !sums.every(Number.isFinite)) {
      this.#kernel.sums_f64(base, inn, rl, padded, 0);
      sums = this.#read();
    }
    // Sums of finite BF16 are finite in f64, and a NaN or infinity makes at least one sum neither.
    const nonFinite = sums.every(Number.isFinite) ? 0 : countNonFiniteBf16(blocks, byteLength);
    return { inMinusBase: sums[0], rlMinusIn: sums[1], inSquared: sums[2], nonFinite };
  }

  #read(): [number, number, number] {
    const out = this.#out;
    return [out[0] + out[1], out[2] + out[3], out[4] + out[5]];
  }

  #sumsTyped(byteLength: number, dtype: Exclude<EnergyDtype, "BF16">): EnergySums {
    const View = { F16: Float16Array, F32: Float32Array, F64: Float64Array }[dtype];
    const [base, inn, rl] = [this.base, this.in, this.rl].map((block) =>
      new View(block.buffer, block.byteOffset, byteLength / ELEMENT_BYTES[dtype])
    );
    const sums = { inMinusBase: 0, rlMinusIn: 0, inSquared: 0, nonFinite: 0 };
    for (let i = 0; i < inn.length; i++) {
      const d = inn[i] - base[i], r = rl[i] - inn[i];
      sums.inMinusBase += d * d;
      sums.rlMinusIn += r * r;
      sums.inSquared += inn[i] * inn[i];
    }
    if (![sums.inMinusBase, sums.rlMinusIn, sums.inSquared].every(Number.isFinite)) {
      for (const block of [base, inn, rl]) {
        for (const value of block) if (!Number.isFinite(value)) sums.nonFinite++;
      }
    }
    return sums;
  }
}

function countNonFiniteBf16(blocks: Uint8Array<ArrayBuffer>[], byteLength: number): number {
  let count = 0;
  for (const block of blocks) {
    const elements = new Uint16Array(block.buffer, block.byteOffset, byteLength / 2);
    for (const element of elements) if ((element & 0x7f80) === 0x7f80) count++;
  }
  return count;
}
