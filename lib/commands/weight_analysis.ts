/**
 * What the commands of the two weight analyses share.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import type { z } from "zod";
import { writeAtomically } from "../atomic_write.ts";
import { type Experiment, runExperiment } from "../experiments/mod.ts";
import { formatTable } from "../figures/mod.ts";
import { resolveTriple } from "../study/mod.ts";
import type { CommandContext, Flags, FlagValues } from "./command_line.ts";
import { TRIPLE_FLAGS } from "./flags.ts";
import { optionsOf } from "./option_flags.ts";
import { inShards, SHARD_FLAGS, type ShardDone } from "./shard_flags.ts";

/** Flags of both, besides their options. */
export const WEIGHT_FLAGS = { ...TRIPLE_FLAGS, ...SHARD_FLAGS } as const satisfies Flags;

/**
 * Runs a weight analysis and writes its report; its records go into a folder beside that, named
 * after it, from which a run goes on.
 *
 * @param beside Further files that the caller writes.
 * @returns The report, or what says that a part was done.
 */
export async function analyseWeights<O extends z.ZodObject, L, S, Report extends object>(
  experiment: Experiment<"base" | "sft" | "rl", O, L, S, Report>,
  flags: FlagValues<typeof WEIGHT_FLAGS> & { output: string; overwrite: boolean },
  { beside = [], signal, onProgress }: CommandContext & { beside?: readonly string[] },
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

type Entry<M extends string> = {
  section: string;
  sft: Record<M, number>;
  rl: Record<M, number>;
};

/** Prints the mean of one metric over each section's parameters, and returns these means. */
export function sectionMeans<M extends string>(layers: Entry<M>[], metric: M) {
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const rows = [...Map.groupBy(layers, ({ section }) => section)].map(([section, entries]) => ({
    section,
    parameters: entries.length,
    IN: mean(entries.map(({ sft }) => sft[metric])),
    RL: mean(entries.map(({ rl }) => rl[metric])),
  }));
  console.log(`Mean ${metric} of the updates\n`);
  console.log(formatTable(rows.map(({ section, parameters, IN, RL }) => (
    { section, parameters, "IN - Base": IN, "RL - IN": RL }
  ))));
  return rows;
}
