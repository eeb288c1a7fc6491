/**
 * Flags that several commands have, each declared once.
 *
 * @module
 */
import { DATA_HELP } from "../benchmarks/mod.ts";
import { GRADINGS } from "../benchmarks/grading/mod.ts";
import type { GenerationConfig, Precision } from "../model/mod.ts";
import { parseLayerCuts } from "../merging/mod.ts";
import { DEVICE_CHOICES } from "../study/mod.ts";
import type { Flags } from "./command_line.ts";
import { numberOf, oneOf, readPositive, readWord } from "./flag_values.ts";
import { GPU_FLAG } from "./one_gpu.ts";

/** What a model may be. */
export const MODEL = "folder, or hub id org/name[@revision]";

/** Words of --dtype and --precision for what weights are in memory. */
const PRECISIONS: Readonly<Record<string, Precision>> = {
  ...{ float32: "f32", bfloat16: "bf16", int8: "int8", float16: "f16" },
  ...{ f32: "f32", bf16: "bf16", f16: "f16" },
};

function readPrecision(text: string, flag: string): Precision {
  return PRECISIONS[oneOf(text, Object.keys(PRECISIONS), flag)];
}

/** Rules of decoding in place of the checkpoints'. */
function readPenalty(text: string, flag: string): Partial<GenerationConfig> {
  return { repetition_penalty: numberOf(text, flag, { positive: true }) };
}

/** The model that is probed. */
export const MODEL_FLAG = {
  model: { value: "MODEL", help: `A ${MODEL}`, required: true },
} as const satisfies Flags;

/** The three models of a triple. */
export const TRIPLE_FLAGS = {
  base: { value: "MODEL", help: `Base: ${MODEL}`, required: true },
  sft: { value: "MODEL", help: `IN, the supervised cold start: ${MODEL}`, required: true },
  rl: { value: "MODEL", help: `RL: ${MODEL}`, required: true },
} as const satisfies Flags;

/** What models are asked. */
export const DATA_FLAG = {
  data: {
    value: "WHERE",
    help: `Where the questions are from: ${DATA_HELP};\n` +
      "default embedded for the suite's own models, hub for models of the hub",
  },
} as const satisfies Flags;

/** Which grading counts. */
export const GRADING_FLAG = {
  grading: {
    value: "RULES",
    help: "Rules that count: sound, or the original's; the others' results stand beside them",
    default: GRADINGS[0],
    read: readWord(GRADINGS),
  },
} as const satisfies Flags;

/** How a model is run and decodes. */
export const RUN_FLAGS = {
  dtype: {
    value: "T",
    help:
      "Weights in memory: float32, bfloat16 (left in their files) or int8; on a GPU float32 or " +
      "float16; default float32, and float16 for checkpoints of 16 bits on a GPU",
    read: readPrecision,
    also: "precision",
  },
  device: {
    value: "D",
    help:
      "cpu, webgpu (a GPU) or auto: a GPU that nvidia-smi lists, if the model has 1e9 parameters or " +
      "more and fits into its memory, else the CPU, which runs small models faster",
    default: "auto",
    read: readWord(DEVICE_CHOICES),
  },
  ...GPU_FLAG,
  repetition_penalty: {
    value: "P",
    help: "1 for none; default what the checkpoint's generation_config.json says",
    read: readPenalty,
  },
} as const satisfies Flags;

/** How a model is run in an experiment that keeps records. */
export const RECORDING_FLAGS = {
  ...RUN_FLAGS,
  memory_gb: {
    value: "G",
    help: "Memory that a batch may take, default 2, on a GPU half of what the weights leave; " +
      "results do not depend on it",
    read: readPositive,
  },
  overwrite: { help: "Throw away what the results folder holds" },
} as const satisfies Flags;

/** Where the middle and the late layers of a merge begin: two values, as the original takes them. */
export const LAYER_CUTS_FLAG = {
  layer_cuts: {
    value: "C1 C2",
    help: "First middle and first late layer of merges, instead of thirds",
    read: parseLayerCuts,
    list: true,
  },
} as const satisfies Flags;
