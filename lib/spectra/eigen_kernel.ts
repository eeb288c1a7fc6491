/**
 * The WebAssembly loops of the symmetric eigenvalue solver, and their memory.
 *
 * @module
 */

interface Exports {
  tridiagonalise_band(
    band: number,
    width: number,
    n: number,
    wave: number,
    scratch: number,
  ): void;
  tridiagonalise_dense(a: number, rows: number, n: number, scratch: number): void;
  factor_panel(
    panel: number,
    stride: number,
    length: number,
    width: number,
    tau: number,
    lower: number,
  ): void;
  transpose(from: number, stride: number, length: number, width: number, to: number): void;
}

const PAGE = 65536;

/** Sweeps of the bulge chase that go down the band together. */
const WAVE = 4;

/** Diagonal and subdiagonal (one shorter) of a symmetric tridiagonal matrix. */
export interface Tridiagonal {
  diagonal: Float64Array;
  subdiagonal: Float64Array;
}

/** The arrays of a reduction to band form; views of the kernel's memory. */
export interface BandArrays {
  /** Order of the band matrix. */
  order: number;
  /** width x rows: columns of the panel as rows, then the reflectors' vectors. */
  panel: Float64Array;
  /** rows x width: the panel, transposed. */
  vectors: Float64Array;
  /** width: factors of the reflectors. */
  tau: Float64Array;
  /** width x width: what is left of the panel, by columns. */
  lower: Float64Array;
  /** The band, by columns of 2 * width from the diagonal down. */
  band: Float64Array;
}

/**
 * An instance of the kernel. Arrays that it hands out are views of its memory: those of an earlier
 * call are lost at the next one.
 */
export class EigenKernel {
  readonly #kernel: Exports;
  readonly #memory: WebAssembly.Memory;

  private constructor(kernel: Exports, memory: WebAssembly.Memory) {
    this.#kernel = kernel;
    this.#memory = memory;
  }

  /** Loads the kernel; its memory grows with the matrices. */
  static async create(): Promise<EigenKernel> {
    const bytes = await Deno.readFile(new URL("./kernels/eigen.wasm", import.meta.url));
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
    return new EigenKernel(instance.exports as unknown as Exports, memory);
  }

  /**
   * Tridiagonal form of a small dense matrix, from the last row up.
   *
   * @param matrix n x n, row-major, symmetric.
   */
  tridiagonaliseDense(matrix: Float64Array, n: number): Tridiagonal {
    const rows = n + 2;
    const [a, scratch] = this.#allocate([rows * rows, 2 * rows]);
    // Backwards, a symmetric matrix has rows and columns in reverse order.
    const reversed = matrix.toReversed();
    for (let i = 0; i < n; i++) a.set(reversed.subarray(i * n, (i + 1) * n), i * rows);
    this.#kernel.tridiagonalise_dense(a.byteOffset, rows, n, scratch.byteOffset);
    return tridiagonal(a, rows + 1, n);
  }

  /**
   * Zeroed arrays for {@linkcode factorPanel} and {@linkcode tridiagonaliseBand}: a band matrix of
   * this order with `width` subdiagonals, panels of up to `rows` rows.
   */
  bandArrays(order: number, rows: number, width: number): BandArrays {
    const [band, panel, vectors, tau, lower] = this.#allocate([
      (order + 2 * width) * 2 * width,
      width * rows,
      width * rows,
      width,
      width * width,
    ]);
    return { order, band, panel, vectors, tau, lower };
  }

  /**
   * QL factorisation of the panel: `panel` holds `width` rows of `stride` elements, of which the
   * first `length` count and the others are zero. Leaves vectors, factors and remainder in the
   * arrays.
   */
  factorPanel(arrays: BandArrays, stride: number, length: number): void {
    const { panel, vectors, tau, lower } = arrays;
    const width = tau.length;
    const [from, to] = [panel.byteOffset, vectors.byteOffset];
    this.#kernel.factor_panel(from, 8 * stride, length, width, tau.byteOffset, lower.byteOffset);
    this.#kernel.transpose(from, 8 * stride, stride, width, to);
  }

  /** Tridiagonal form of the band; the panel's room serves as scratch. */
  tridiagonaliseBand({ order, band, panel, tau }: BandArrays): Tridiagonal {
    const width = tau.length;
    this.#kernel.tridiagonalise_band(band.byteOffset, width, order, WAVE, panel.byteOffset);
    return tridiagonal(band, 2 * width, order);
  }

  #allocate(lengths: number[]): Float64Array[] {
    // Room for a cache line between arrays, and for the loops' last unpaired element.
    const bytes = lengths.map((length) => Math.ceil((8 * length + 128) / 64) * 64);
    const missing = bytes.reduce((a, b) => a + b, 64) - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    let offset = 64;
    return lengths.map((length, i) => {
      const array = new Float64Array(this.#memory.buffer, offset, length).fill(0);
      offset += bytes[i];
      return array;
    });
  }
}

function tridiagonal(columns: Float64Array, stride: number, n: number): Tridiagonal {
  return {
    diagonal: Float64Array.from({ length: n }, (_, i) => columns[i * stride]),
    subdiagonal: Float64Array.from(
      { length: Math.max(0, n - 1) },
      (_, i) => columns[i * stride + 1],
    ),
  };
}
