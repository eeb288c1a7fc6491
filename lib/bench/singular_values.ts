/**
 * All singular values of 7B-shaped updates against torch.linalg.svdvals, and where the time goes.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { reduceToBand } from "../spectra/band_reduction.ts";
import { createBandReductionSessions } from "../spectra/band_reduction_graphs.ts";
import { EigenKernel } from "../spectra/eigen_kernel.ts";
import { GramProduct } from "../spectra/gram_matrix.ts";
import { SingularValueSolver } from "../spectra/singular_values.ts";
import { placesByNorm, squaredNorms } from "../spectra/squared_norms.ts";
import { SymmetricEigenSolver } from "../spectra/symmetric_eigenvalues.ts";
import { tridiagonalEigenvalues } from "../spectra/tridiagonal_eigenvalues.ts";
import type { BenchResult } from "./bench_result.ts";
import { findTorch } from "./torch_baseline.ts";

/** Query and output, key and value, and down projections of a 7B model. */
const SHAPES: [number, number][] = [[3584, 3584], [512, 3584], [3584, 18944]];
const ACCURACY_SHAPE = SHAPES[0];
const SCRIPT = fileURLToPath(new URL("svdvals.py", import.meta.url));

/** Options of {@linkcode benchSingularValues}. */
export interface BenchSingularValuesOptions {
  /** Measurements of each shape, of which the fastest counts; default 2. */
  repeats?: number;
  /** Threads, of both; default the number of cores. */
  threads?: number;
}

/** Difference of two random BF16 weights of usual size, 1e-3 of it random change. */
function randomUpdate(elements: number): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(elements), weights = new Float32Array(bits.buffer);
  for (let i = 0; i < elements; i++) weights[i] = 0.04 * (Math.random() - 0.5);
  for (let i = 0; i < elements; i++) bits[i] &= 0xffff0000;
  const updated = weights.map((value) => value + 2e-4 * (Math.random() - 0.5));
  const updatedBits = new Uint32Array(updated.buffer);
  for (let i = 0; i < elements; i++) {
    updatedBits[i] = (updatedBits[i] + 0x8000) & 0xffff0000;
    updated[i] -= weights[i];
  }
  return updated;
}

async function svdvals<T>(python: string, args: (string | number)[]): Promise<T> {
  const { success, stdout, stderr } = await new Deno.Command(python, {
    args: [SCRIPT, ...args.map(String)],
    env: { OPENBLAS_NUM_THREADS: String(args[1]) },
  }).output();
  if (!success) {
    throw new Error(`${SCRIPT} failed:\n${new TextDecoder().decode(stderr)}`);
  }
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function seconds(work: () => Promise<unknown> | unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Where the time of one matrix goes. */
async function stages(matrix: Float32Array, shape: [number, number], threads: number) {
  const order = Math.min(...shape);
  const product = new GramProduct({ threads });
  const offsets = new SymmetricEigenSolver({ threads, denseOrder: 0 }).blockOffsets(order);
  const blocks = offsets.length - 1;
  const kernel = await EigenKernel.create();
  const sessions = await createBandReductionSessions(blocks, threads);
  const parts = { kernel, sessions, blocks, width: 32 };
  const times: [string, number][] = [];
  async function stage<T>(name: string, work: () => Promise<T> | T): Promise<T> {
    const started = performance.now();
    const result = await work();
    times.push([name, (performance.now() - started) / 1000]);
    return result;
  }
  const gram = await stage("Gram matrix", () => {
    const places = placesByNorm(squaredNorms(matrix, shape));
    return product.gram(matrix, { shape, offsets, places });
  });
  const band = await stage("dense to band", () => reduceToBand(gram, order, parts));
  const tridiagonal = await stage("band to tridiagonal", () => kernel.tridiagonaliseBand(band));
  await stage("eigenvalues", () => tridiagonalEigenvalues(tridiagonal));
  for (const session of Object.values(sessions)) await session.release();
  await product.release();
  return times.map(([name, time]) => `${name} ${time.toFixed(2)} s`).join(", ");
}

function worstRelativeError(actual: ArrayLike<number>, expected: number[]): number {
  const errors = expected.map((value, i) =>
    value > 1e-5 * expected[0] ? Math.abs(actual[i] - value) / value : 0
  );
  return Math.max(...errors);
}

async function accuracy(
  python: string,
  file: string,
  matrix: Float32Array,
  threads: number,
): Promise<BenchResult> {
  const [rows, columns] = ACCURACY_SHAPE;
  const solver = new SingularValueSolver({ threads });
  const { values } = await solver.singularValues(matrix, ACCURACY_SHAPE);
  await solver.release();
  const lapack = await svdvals<{ values: number[]; f32: number[] }>(python, [
    "values",
    threads,
    rows,
    columns,
    file,
  ]);
  const ours = worstRelativeError(values, lapack.values);
  const torch = worstRelativeError(lapack.f32, lapack.values);
  return {
    what: `singular values of ${rows} x ${columns}, worst relative error against LAPACK in f64`,
    ours: ours.toExponential(1),
    reference: `torch f32 ${torch.toExponential(1)}`,
    ratio: ours / torch,
    target: "<= 1, and ours <= 1e-6",
    note: "of values above 1e-5 of the largest",
  };
}

/** Measures side by side; without python3 and torch ours only. */
export async function benchSingularValues(
  { repeats = 2, threads = navigator.hardwareConcurrency }: BenchSingularValuesOptions = {},
): Promise<BenchResult[]> {
  const python = await findTorch();
  const folder = await Deno.makeTempDir();
  const results: BenchResult[] = [];
  const total = { ours: 0, torch: 0 };
  const row = (what: string, ours: number, torch: number, note: string): BenchResult => ({
    what,
    ours: `${ours.toFixed(2)} s`,
    reference: python ? `torch.linalg.svdvals f32 ${torch.toFixed(2)} s` : "-",
    ratio: python ? ours / torch : null,
    target: "<= 0.67 in total",
    note,
  });
  try {
    for (const shape of SHAPES) {
      const [rows, columns] = shape;
      const matrix = randomUpdate(rows * columns);
      const file = join(folder, "matrix.f32");
      if (python) await Deno.writeFile(file, new Uint8Array(matrix.buffer));
      let ours = Infinity, torch = Infinity;
      for (let repeat = 0; repeat < repeats; repeat++) {
        const solver = new SingularValueSolver({ threads });
        ours = Math.min(ours, await seconds(() => solver.singularValues(matrix, shape)));
        await solver.release();
        if (!python) continue;
        const timed = await svdvals<{ seconds: number }>(python, [
          "time",
          threads,
          rows,
          columns,
          file,
        ]);
        torch = Math.min(torch, timed.seconds);
      }
      total.ours += ours;
      total.torch += torch;
      const note = Math.min(...shape) > 640 ? await stages(matrix, shape, threads) : "one stage";
      results.push(row(`singular values of ${rows} x ${columns}`, ours, torch, note));
      if (python && shape === ACCURACY_SHAPE) {
        results.push(await accuracy(python, file, matrix, threads));
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const note = `best of ${repeats}; ${threads} threads each; sessions built anew each time`;
  results.push(row("singular values of the three", total.ours, total.torch, note));
  return results;
}

if (import.meta.main) {
  for (const result of await benchSingularValues()) console.log(result);
}
