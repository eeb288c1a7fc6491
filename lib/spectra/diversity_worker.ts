/**
 * Worker of the diversity analysis: the two spectra of one parameter a task, and their angles.
 *
 * @module
 */
import { type TensorInfo, TensorReader } from "../checkpoint/mod.ts";
import { readDelta } from "./deltas.ts";
import type { DiversityTask, ParameterSpectra } from "./diversity.ts";
import type { SpectrumMetrics } from "./diversity_report.ts";
import { EigenKernel } from "./eigen_kernel.ts";
import { comparedDirections, principalAngles } from "./principal_angles.ts";
import { type SingularValues, SingularValueSolver } from "./singular_values.ts";
import { spectrumMetrics } from "./spectrum_metrics.ts";
import { serveTasks, type StopSignal } from "../worker_pool.ts";

const reader = new TensorReader();
// The parameters are spread over the cores, so each worker keeps to one thread.
const solver = new SingularValueSolver({ threads: 1 });

const kernel = EigenKernel.create();

/** Values and vectors of an update, as many as lead it but at most `most`. */
async function decompose(
  update: { from: TensorInfo; to: TensorInfo },
  most: number,
  signal: StopSignal,
): Promise<SingularValues> {
  const [rows, ...rest] = update.from.shape;
  const columns = rest.reduce((product, dimension) => product * dimension, 1);
  const delta = readDelta(reader, update, signal);
  const vectors = (values: Float64Array) => Math.min(most, comparedDirections(values));
  return await solver.singularValues(delta, [rows, columns], { vectors, signal });
}

function metricsOf(
  { values, errorFloor, sumOfSquaresError }: SingularValues,
  topk: number,
): SpectrumMetrics {
  return {
    ...spectrumMetrics(values, topk),
    error_floor: errorFloor,
    sum_of_squares_error: sumOfSquaresError,
  };
}

serveTasks(async ({ parameter, topk }: DiversityTask, signal): Promise<ParameterSpectra> => {
  const { base, sft, rl } = parameter;
  const first = await decompose({ from: base, to: sft }, Infinity, signal);
  const second = await decompose({ from: sft, to: rl }, first.vectors.count, signal);
  return {
    sft: metricsOf(first, topk),
    rl: metricsOf(second, topk),
    angles: principalAngles(await kernel, [first, second]),
  };
});
