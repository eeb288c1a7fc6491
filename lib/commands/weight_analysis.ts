/**
 * What the commands of the two weight analyses have in common.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { formatTable } from "../figures/mod.ts";
import { resolveTriple, type storedEnergy } from "../study/mod.ts";
import type { CommandContext, Flags, FlagValues } from "./command_line.ts";
import { TRIPLE_FLAGS } from "./flags.ts";
import { inShards, SHARD_FLAGS, type ShardDone } from "./shard_flags.ts";

/** The flags of both. */
export const WEIGHT_FLAGS = {
  ...TRIPLE_FLAGS,
  llm: { help: "Analyse the language model's layers only" },
  ...SHARD_FLAGS,
} as const satisfies Flags;

/** Analyses a triple, whole or in shards; `store` gets the models' folders and what is asked for. */
export async function analyseWeights<R extends object>(
  flags: FlagValues<typeof WEIGHT_FLAGS> & { output: string; overwrite: boolean },
  { signal, onProgress }: CommandContext,
  settings: Parameters<typeof inShards>[1]["settings"],
  store: (...[folders, options]: Parameters<typeof storedEnergy>) => Promise<R>,
): Promise<R | ShardDone> {
  const { base, sft, rl, output, llm, overwrite } = flags;
  const { folders, modelNames } = await resolveTriple({ base, sft, rl }, { onProgress, signal });
  return await inShards(flags, {
    output: dirname(output),
    settings: { models: modelNames, llm, ...settings },
    device: "cpu",
    signal,
    run: ({ output: folder, ...part }) =>
      store(folders, {
        path: join(folder, basename(output)),
        ...{ overwrite, llmOnly: llm, modelNames, onProgress, ...part },
      }),
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
