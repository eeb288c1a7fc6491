/**
 * Flags of `deno task reproduce`, some of which `deno task submit` hands on to it.
 *
 * @module
 */
import { builtInRecipes } from "../study/mod.ts";
import type { Flag } from "./command_line.ts";
import { DATA_FLAG, GRADING_FLAG, RUN_FLAGS } from "./localization_flags.ts";
import { SHARD_FLAGS } from "./shard_flags.ts";

/** The flags. */
export const REPRODUCE_FLAGS = {
  recipe: {
    type: "string",
    value: "NAME|FILE",
    help: `A recipe: ${builtInRecipes().join(", ")}, or a JSON file`,
    default: "tiny",
  },
  base: {
    type: "string",
    value: "MODEL",
    help: "With --sft and --rl: models in place of a recipe",
  },
  sft: { type: "string", value: "MODEL", help: "IN, the supervised cold start" },
  rl: { type: "string", value: "MODEL", help: "RL" },
  only: { type: "string", value: "05,06", help: "Notebooks to run; default all" },
  "sample-size": {
    type: "string",
    value: "N",
    help: "Samples of each task, dataset and ability; default the notebooks' own",
  },
  ...GRADING_FLAG,
  ...DATA_FLAG,
  describer: {
    type: "string",
    value: "MODEL",
    help: "Describes images, in place of the data set's descriptions or where it has none: base, " +
      "sft, rl, a folder, a hub id, openai:NAME, an OpenAI or Claude name",
  },
  device: { ...RUN_FLAGS.device },
  gpu: { ...RUN_FLAGS.gpu },
  precision: {
    type: "string",
    value: "P",
    help: "On a GPU f32 or f16, on the CPU f32, bf16 or int8; default what suits the models",
  },
  repetition_penalty: { ...RUN_FLAGS.repetition_penalty },
  results: { type: "string", value: "DIR", help: "Where results go", default: "results" },
  ...SHARD_FLAGS,
  overwrite: {
    type: "boolean",
    help: "Replace files in the results folder that are not of this suite",
  },
  prefetch: { type: "boolean", help: "Fetch checkpoints and questions, and end" },
} as const satisfies Record<string, Flag>;
