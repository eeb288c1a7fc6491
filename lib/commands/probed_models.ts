/**
 * Models of the commands that probe them.
 *
 * @module
 */
import type { ProbedModel } from "../experiments/mod.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import type { ProgressListener } from "../progress.ts";
import {
  type DeviceChoice,
  modelName,
  type ModelRun,
  modelRun,
  type RunSettings,
} from "../study/mod.ts";
import type { FlagValues } from "./command_line.ts";
import type { RECORDING_FLAGS, RUN_FLAGS } from "./flags.ts";

/** How models run, as the flags say. */
export interface RunOptions extends RunSettings {
  device: DeviceChoice;
}

/** Precision, device and rules of decoding from the flags. */
export function runOptions(
  { dtype: precision, device, repetition_penalty: generation }: Omit<
    FlagValues<typeof RUN_FLAGS>,
    "gpu"
  >,
): RunOptions {
  return { precision, device, generation };
}

/** What an experiment does with its folder and memory, as the flags say. */
export function recordingOptions(
  { memory_gb, overwrite }: Pick<FlagValues<typeof RECORDING_FLAGS>, "memory_gb" | "overwrite">,
): { memoryBytes?: number; overwrite: boolean } {
  return { memoryBytes: memory_gb === undefined ? undefined : memory_gb * 2 ** 30, overwrite };
}

/** How a model runs: f32 on the CPU, unless a precision is asked for. */
export function runOf(folder: string, run: RunOptions, together: number): ModelRun {
  return modelRun(folder, { ...run, together, onCpu: "f32" });
}

/** Finds a model, downloading what the hub cache lacks. */
export async function findModel(
  reference: string,
  { onProgress, signal, ...run }: RunOptions & {
    onProgress?: ProgressListener;
    signal?: AbortSignal;
  },
): Promise<ProbedModel> {
  const found = await resolveModel(reference, { onProgress, signal });
  if (found.warning !== null) console.warn(found.warning);
  const { folder } = found;
  return { folder, name: modelName(found), ...runOf(folder, run, 1) };
}
