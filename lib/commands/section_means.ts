/**
 * What the two weight analyses' commands print.
 *
 * @module
 */
import { formatTable } from "../figures/mod.ts";

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
