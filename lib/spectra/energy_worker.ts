/**
 * Worker of the energy analysis: one parameter a task.
 *
 * @module
 */
import { type FloatDtype, TensorReader } from "../checkpoint/mod.ts";
import { findNonFinite } from "./deltas.ts";
import type { ParameterSums } from "./energy.ts";
import { EnergyKernel } from "./energy_kernel.ts";
import type { TripleParameter } from "./triple.ts";
import { serveTasks, type StopSignal } from "../worker_pool.ts";

/** Bytes a block: three of them fit a core's second-level cache. */
const BLOCK_BYTES = 256 << 10;
/** Bits after the leading one of a number's significand. */
const FRACTION_BITS: Readonly<Record<FloatDtype, number>> = { BF16: 7, F16: 10, F32: 23, F64: 52 };
/** Elements a block where no kernel applies. */
const BLOCK_ELEMENTS = BLOCK_BYTES / 2;

const reader = new TensorReader();
// Not awaited here: a task may come before a top-level await ends, and would be lost.
const kernelReady = EnergyKernel.create({ capacity: BLOCK_BYTES });

/** Sums over one parameter; `powers` are the squares of the powers of two below IN's weights. */
type Sums = Omit<ParameterSums, "rounding"> & { powers: number };

const noSums = (): Sums => ({
  ...{ sft: 0, rl: 0, weight: 0, product: 0, powers: 0, sft_unchanged: 0, rl_unchanged: 0 },
});

async function sumsOfBf16(
  { base, sft, rl }: TripleParameter,
  signal: StopSignal,
): Promise<Sums> {
  const kernel = await kernelReady;
  const total = noSums();
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
    total.product += sums.product;
    total.powers += sums.powersSquared;
    total.sft_unchanged += sums.inUnchanged;
    total.rl_unchanged += sums.rlUnchanged;
  }
  return total;
}

/** The power of two at or below each |value|; 0 for subnormal numbers of f32. */
function powersOf(values: Float32Array | Float64Array): Float32Array {
  const powers = Float32Array.from(values);
  const bits = new Uint32Array(powers.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] &= 0x7f800000;
  return powers;
}

/** Any mix of dtypes, in f64. */
function sumsOfAny({ base, sft, rl }: TripleParameter, signal: StopSignal): Sums {
  const total = noSums();
  const elements = sft.shape.reduce((product, dimension) => product * dimension, 1);
  for (let first = 0; first < elements; first += BLOCK_ELEMENTS) {
    signal.throwIfAborted();
    const count = Math.min(BLOCK_ELEMENTS, elements - first);
    const [b, s, r] = [base, sft, rl].map((tensor) => reader.read(tensor, first, count));
    const powers = powersOf(s);
    for (let i = 0; i < count; i++) {
      const sftDelta = s[i] - b[i];
      const rlDelta = r[i] - s[i];
      total.sft += sftDelta * sftDelta;
      total.rl += rlDelta * rlDelta;
      total.weight += s[i] * s[i];
      total.product += sftDelta * rlDelta;
      total.powers += powers[i] * powers[i];
      if (Object.is(s[i], b[i])) total.sft_unchanged++;
      if (Object.is(r[i], s[i])) total.rl_unchanged++;
    }
  }
  return total;
}

serveTasks(async (parameter: TripleParameter, signal): Promise<ParameterSums> => {
  const { base, sft, rl } = parameter;
  const bf16 = [base, sft, rl].every((tensor) => tensor.dtype === "BF16");
  const { powers, ...sums } = bf16
    ? await sumsOfBf16(parameter, signal)
    : sumsOfAny(parameter, signal);
  if (!Object.values(sums).every(Number.isFinite)) {
    throw findNonFinite(reader, [base, sft, rl], signal) ??
      new Error(`Cannot analyse ${sft.name}: its sum of squares overflows f64`);
  }
  // An error of rounding is evenly spread over a step, whose square is 12 times its variance.
  const step = 2 ** -FRACTION_BITS[sft.dtype as FloatDtype];
  return { ...sums, rounding: powers * step ** 2 / 12 };
});
