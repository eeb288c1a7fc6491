/**
 * What the two weight analyses' commands share.
 *
 * @module
 */
import { formatTable } from "../figures/mod.ts";
import type { Flag } from "./command_line.ts";

const MODEL = "folder, or hub id org/name[@revision]";

/** The three models of a triple. */
export const TRIPLE_FLAGS = {
  base: { type: "string", value: "MODEL", help: `Base: ${MODEL}`, required: true },
  sft: {
    type: "string",
    value: "MODEL",
    help: `IN, the supervised cold start: ${MODEL}`,
    required: true,
  },
  rl: { type: "string", value: "MODEL", help: `RL: ${MODEL}`, required: true },
} as const satisfies Record<string, Flag>;

type Entry<M extends string> = {
  section: string;
  sft: Record<M, number>;
  rl: Record<M, number>;
};

/** Prints the mean of one metric over each section's parameters. */
export function printSectionMeans<M extends string>(layers: Entry<M>[], metric: M): void {
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const rows = [...Map.groupBy(layers, ({ section }) => section)].map(([section, entries]) => ({
    section,
    parameters: entries.length,
    IN: mean(entries.map(({ sft }) => sft[metric])),
    RL: mean(entries.map(({ rl }) => rl[metric])),
  }));
  console.log(`Mean ${metric} of the updates\n`);
  console.log(formatTable(rows, [
    { key: "section", label: "section" },
    { key: "parameters", label: "parameters" },
    { key: "IN", label: "IN - Base" },
    { key: "RL", label: "RL - IN" },
  ]));
}
