/**
 * Models of the commands that probe them.
 *
 * @module
 */
import { join } from "node:path";
import type { z } from "zod";
import { type Experiment, type ProbedModel, runExperiment } from "../experiments/mod.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import type { Figure } from "../figures/mod.ts";
import { penaltyNotes } from "../penalty_notes.ts";
import type { ProgressListener } from "../progress.ts";
import {
  chooseData,
  type DeviceChoice,
  kindOfReference,
  modelName,
  type ModelRun,
  modelRun,
  type RunSettings,
} from "../study/mod.ts";
import type { CommandContext, Flags, FlagValues } from "./command_line.ts";
import { DATA_FLAG, RECORDING_FLAGS, type RUN_FLAGS } from "./flags.ts";
import { useOneGpu } from "./one_gpu.ts";
import { optionsOf } from "./option_flags.ts";
import { inShards, SHARD_FLAGS, type ShardDone, unlessPart } from "./shard_flags.ts";

/** The flags of commands that probe models in experiments. */
export const PROBE_FLAGS = {
  ...DATA_FLAG,
  ...RECORDING_FLAGS,
  ...SHARD_FLAGS,
} as const satisfies Flags;

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

/**
 * Runs an experiment on models, whole or in shards, as the flags say.
 *
 * @param references The models, by their roles.
 * @param options.folder Where results go.
 * @param options.each Options of each run besides those of the flags; one run without any by default.
 * @returns The reports of the runs, or what says that only a part was done.
 */
export async function probe<M extends string, O extends z.ZodObject, L, S, Report>(
  experiment: Experiment<M, O, L, S, Report>,
  references: Readonly<Record<M, string>>,
  flags: FlagValues<typeof PROBE_FLAGS>,
  { signal, onProgress, folder, each = [{}] }: CommandContext & {
    folder: (models: Record<M, ProbedModel>) => string;
    each?: readonly Partial<z.input<O>>[];
  },
): Promise<{ output: string; reports: Report[] } | ShardDone> {
  await useOneGpu(flags.gpu);
  const options = optionsOf(experiment.options, flags);
  const data = chooseData(Object.values(references), flags.data);
  const models = {} as Record<M, ProbedModel>;
  for (const role of experiment.models) {
    const found = await findModel(references[role], { ...runOptions(flags), onProgress, signal });
    models[role] = { ...found, kind: kindOfReference(references[role]) };
  }
  const output = folder(models);
  const names = Object.values<ProbedModel>(models).map(({ name }) => name);
  const reports = await inShards(flags, {
    output,
    settings: { models: names, data, each, ...options },
    device: models[experiment.models[0]].device ?? "cpu",
    signal,
    run: async (part) => {
      const reports: Report[] = [];
      for (const own of each) {
        const report = await unlessPart(() =>
          runExperiment(experiment, {
            models,
            options: { ...options, ...own } as z.input<O>,
            ...recordingOptions(flags),
            ...{ data, onProgress, ...part },
          })
        );
        if (report !== undefined) reports.push(report);
      }
      return reports;
    },
  });
  return "shard" in reports ? reports : { output, reports };
}

/** Writes figures of answers into a folder, by their names. */
export async function saveFigures(
  folder: string,
  figures: Readonly<Record<string, Figure>>,
  { repetition_penalty }: Pick<FlagValues<typeof RUN_FLAGS>, "repetition_penalty">,
): Promise<void> {
  for (const [name, figure] of Object.entries(figures)) {
    await figure.withNotes(penaltyNotes(repetition_penalty)).save(join(folder, name));
  }
}
