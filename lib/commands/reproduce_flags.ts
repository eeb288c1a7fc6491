/**
 * Flags of `deno task reproduce`, some of which `deno task submit` hands on to it.
 *
 * @module
 */
import { resolve } from "node:path";
import { TABLE_FORMATS, type TableFormat } from "../report/mod.ts";
import { builtInRecipes } from "../study/mod.ts";
import type { Flags } from "./command_line.ts";
import { oneOf, readCount, readWords } from "./flag_values.ts";
import { DATA_FLAG, GRADING_FLAG, RUN_FLAGS } from "./flags.ts";
import { SHARD_FLAGS } from "./shard_flags.ts";

/** A folder as its full path: notebooks and recipes read a leading dot as relative to themselves. */
export function fullReference<T extends string | undefined>(reference: T): T {
  return (reference && /^[./]/.test(reference) ? resolve(reference) : reference) as T;
}

function readFormats(text: string, flag: string): TableFormat[] {
  const words = readWords(text).map((word) =>
    oneOf(word, ["json", ...TABLE_FORMATS, "none"] as const, flag)
  );
  return TABLE_FORMATS.filter((format) => words.includes(format));
}

/** The flags. */
export const REPRODUCE_FLAGS = {
  recipe: {
    value: "NAME|FILE",
    help: `A recipe: ${builtInRecipes().join(", ")}, or a JSON file`,
    default: "tiny",
  },
  base: {
    value: "MODEL",
    help: "With --sft and --rl: models in place of a recipe",
  },
  sft: { value: "MODEL", help: "IN, the supervised cold start" },
  rl: { value: "MODEL", help: "RL" },
  only: { value: "05,06", help: "Notebooks to run; default all", list: true, read: readWords },
  sample_size: {
    value: "N",
    help: "Samples of each task, dataset and ability; default the notebooks' own",
    read: readCount,
  },
  ...GRADING_FLAG,
  ...DATA_FLAG,
  describer: {
    value: "MODEL",
    help: "Describes images, in place of the data set's descriptions or where it has none: base, " +
      "sft, rl, a folder, a hub id, openai:NAME, an OpenAI or Claude name",
  },
  ...RUN_FLAGS,
  results: { value: "DIR", help: "Where results go", default: "results" },
  format: {
    value: "LIST",
    help: "Formats of tables besides JSON, which there always is: csv, parquet, or none",
    default: TABLE_FORMATS.join(","),
    list: true,
    read: readFormats,
  },
  ...SHARD_FLAGS,
  overwrite: {
    help: "Replace files in the results folder that are not of this suite",
  },
  prefetch: { help: "Fetch what the run needs of the hub, and end" },
} as const satisfies Flags;
