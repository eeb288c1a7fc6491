/**
 * Worker of the energy analysis: one parameter a task.
 *
 * @module
 */
import { TensorReader } from "../checkpoint/mod.ts";
import { findNonFinite } from "./deltas.ts";
import type { ParameterSums } from "./energy.ts";
import { EnergyKernel } from "./energy_kernel.ts";
import type { TripleParameter } from "./triple.ts";
import { serveTasks, type StopSignal } from "./worker_pool.ts";

/** Bytes a block: three of them fit a core's second-level cache. */
const BLOCK_BYTES = 256 << 10;
/** Elements a block where no kernel applies. */
const BLOCK_ELEMENTS = BLOCK_BYTES / 2;

const reader = new TensorReader();
// Not awaited here: a task may come before a top-level await ends, and would be lost.
const kernelReady = EnergyKernel.create({ capacity: BLOCK_BYTES });

async function sumsOfBf16(
  { base, sft, rl }: TripleParameter,
  signal: StopSignal,
): Promise<ParameterSums> {
  const kernel = await kernelReady;
  const total = { sft: 0, rl: 0, weight: 0 };
  for (let start = 0; start < sft.byteLength; start += BLOCK_BYTES) {
    signal.throwIfAborted();
    const bytes = Math.min(BLOCK_BYTES, sft.byteLength - start);
    reader.readBytes(base, kernel.base.subarray(0, bytes), start);
    reader.readBytes(sft, kernel.in.subarray(0, bytes), start);
    reader.readBytes(rl, kernel.rl.subarray(0, bytes), start);
    const sums = kernel.sums(bytes);
    total.sft += sums.inMinusBase;
    total.rl += sums.rlMinusIn;
    total.weight += sums.inSquared;
  }
  return total;
}

/** Any mix of dtypes, in f64. */
function sumsOfAny({ base, sft, rl }: TripleParameter, signal: StopSignal): ParameterSums {
  const total = { sft: 0, rl: 0, weight: 0 };
  const elements = sft.shape.reduce((product, dimension) => product * dimension, 1);
  for (let first = 0; first < elements; first += BLOCK_ELEMENTS) {
    signal.throwIfAborted();
    const count = Math.min(BLOCK_ELEMENTS, elements - first);
    const [b, s, r] = [base, sft, rl].map((tensor) => reader.read(tensor, first, count));
    for (let i = 0; i < count; i++) {
      const sftDelta = s[i] - b[i];
      const rlDelta = r[i] - s[i];
      total.sft += sftDelta * sftDelta;
      total.rl += rlDelta * rlDelta;
      total.weight += s[i] * s[i];
    }
  }
  return total;
}

serveTasks(async (parameter: TripleParameter, signal): Promise<ParameterSums> => {
  const { base, sft, rl } = parameter;
  const bf16 = [base, sft, rl].every((tensor) => tensor.dtype === "BF16");
  const sums = bf16 ? await sumsOfBf16(parameter, signal) : sumsOfAny(parameter, signal);
  if (!Object.values(sums).every(Number.isFinite)) {
    throw findNonFinite(reader, [base, sft, rl], signal) ??
      new Error(`Cannot analyse ${sft.name}: its sum of squares overflows f64`);
  }
  return sums;
});
