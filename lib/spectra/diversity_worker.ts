/**
 * Worker of the diversity analysis: the two spectra of one parameter a task.
 *
 * @module
 */
import { type TensorInfo, TensorReader } from "../checkpoint/mod.ts";
import { readDelta } from "./deltas.ts";
import type { DiversityTask, ParameterSpectra } from "./diversity.ts";
import type { SpectrumMetrics } from "./diversity_report.ts";
import { SingularValueSolver } from "./singular_values.ts";
import { spectrumMetrics } from "./spectrum_metrics.ts";
import { serveTasks, type StopSignal } from "../worker_pool.ts";

const reader = new TensorReader();
// The parameters are spread over the cores, so each worker keeps to one thread.
const solver = new SingularValueSolver({ threads: 1 });

async function spectrumOfUpdate(
  update: { from: TensorInfo; to: TensorInfo },
  topk: number,
  signal: StopSignal,
): Promise<SpectrumMetrics> {
  const [rows, ...rest] = update.from.shape;
  const columns = rest.reduce((product, dimension) => product * dimension, 1);
  const delta = readDelta(reader, update, signal);
  const { values, errorFloor, sumOfSquaresError } = await solver.singularValues(
    delta,
    [rows, columns],
    signal,
  );
  return {
    ...spectrumMetrics(values, topk),
    error_floor: errorFloor,
    sum_of_squares_error: sumOfSquaresError,
  };
}

serveTasks(async ({ parameter, topk }: DiversityTask, signal): Promise<ParameterSpectra> => {
  const { base, sft, rl } = parameter;
  return {
    sft: await spectrumOfUpdate({ from: base, to: sft }, topk, signal),
    rl: await spectrumOfUpdate({ from: sft, to: rl }, topk, signal),
  };
});
