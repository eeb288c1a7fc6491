/**
 * What the commands of the two weight analyses share.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import type { z } from "zod";
import { writeAtomically } from "../atomic_write.ts";
import { type Experiment, runExperiment } from "../experiments/mod.ts";
import type { ProgressListener } from "../progress.ts";
import { resolveTriple } from "../study/mod.ts";
import type { FlagValues } from "./command_line.ts";
import type { TRIPLE_FLAGS } from "./flags.ts";
import { optionsOf } from "./option_flags.ts";
import { inShards, type SHARD_FLAGS, type ShardDone } from "./shard_flags.ts";

/** Flags of a weight analysis, besides its options. */
type AnalysisFlags = FlagValues<typeof TRIPLE_FLAGS & typeof SHARD_FLAGS> & {
  output: string;
  overwrite: boolean;
};

/**
 * Runs a weight analysis and writes its report; its records go into a folder beside that, named
 * after it, from which a run goes on.
 *
 * @param beside Further files that the caller writes.
 * @returns The report, or what says that a part was done.
 */
export async function analyseWeights<O extends z.ZodObject, L, S, Report extends object>(
  experiment: Experiment<"base" | "sft" | "rl", O, L, S, Report>,
  flags: AnalysisFlags,
  { beside = [], signal, onProgress }: {
    beside?: readonly string[];
    signal: AbortSignal;
    onProgress: ProgressListener;
  },
): Promise<Report | ShardDone> {
  const { base, sft, rl, output, overwrite } = flags;
  const { folders, modelNames } = await resolveTriple({ base, sft, rl }, { onProgress, signal });
  const modelOf = (role: keyof typeof folders) => ({
    folder: folders[role],
    name: modelNames[role],
  });
  const options = optionsOf(experiment.options, flags) as z.input<O>;
  return await inShards(flags, {
    output: dirname(output),
    settings: { models: modelNames, ...options },
    device: "cpu",
    signal,
    run: async ({ output: folder, ...part }) => {
      const report = await runExperiment(experiment, {
        models: { base: modelOf("base"), sft: modelOf("sft"), rl: modelOf("rl") },
        options,
        output: join(folder, basename(output).replace(/(\.json)?$/, ".records")),
        beside: part.shard ? [] : [output, ...beside],
        ...{ overwrite, onProgress, ...part },
      });
      await writeAtomically(output, JSON.stringify(report, null, 2) + "\n");
      return report;
    },
  });
}
