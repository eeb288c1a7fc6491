/**
 * What the commands that probe models share.
 *
 * @module
 */
import { DATA_HELP } from "../benchmarks/mod.ts";
import { GRADINGS } from "../benchmarks/grading/mod.ts";
import type { ProbedModel } from "../experiments/mod.ts";
import { resolveModel } from "../checkpoint/mod.ts";
import type { GenerationConfig, Precision } from "../model/mod.ts";
import type { ProgressListener } from "../progress.ts";
import {
  DEVICE_CHOICES,
  type DeviceChoice,
  modelName,
  type ModelRun,
  modelRun,
  type RunSettings,
} from "../study/mod.ts";
import { GPU_FLAG } from "./one_gpu.ts";
import {
  type Flag,
  type FlagValues,
  numberOf,
  oneOf,
  UsageError,
  wholeNumber,
} from "./command_line.ts";

/** What models are asked. */
export const DATA_FLAG = {
  data: {
    type: "string",
    value: "WHERE",
    help: `Where the questions are from: ${DATA_HELP}; default embedded for the suite's own ` +
      "models, hub for models of the hub",
  },
} as const satisfies Record<string, Flag>;

/** Which model is probed. */
export const MODEL_FLAG = {
  model: {
    type: "string",
    value: "MODEL",
    help: "Folder, or hub id org/name[@revision]",
    required: true,
  },
} as const satisfies Record<string, Flag>;

/** How a model is run. */
export const RUN_FLAGS = {
  dtype: {
    type: "string",
    value: "T",
    help:
      "Weights in memory: float32, bfloat16 (left in their files) or int8; on a GPU float32 or\n" +
      "float16; default float32, and float16 for checkpoints of 16 bits on a GPU",
  },
  device: {
    type: "string",
    value: "D",
    help:
      "cpu, webgpu (a GPU) or auto: a GPU that nvidia-smi lists, if the model has 1e9 parameters or\n" +
      "more and fits into its memory, else the CPU, which runs small models faster",
    default: "auto",
  },
  ...GPU_FLAG,
  repetition_penalty: {
    type: "string",
    value: "P",
    help: "1 for none; default what the checkpoint's generation_config.json says",
  },
  memory_gb: {
    type: "string",
    value: "G",
    help: "Memory that a batch may take, default 2, on a GPU half of what the weights leave;\n" +
      "results do not depend on it",
  },
  overwrite: { type: "boolean", help: "Throw away what the results folder holds" },
} as const satisfies Record<string, Flag>;

const PRECISIONS: Record<string, Precision> = {
  float32: "f32",
  bfloat16: "bf16",
  int8: "int8",
  float16: "f16",
};

/** Which grading counts. */
export const GRADING_FLAG = {
  grading: {
    type: "string",
    value: "RULES",
    help: "Rules that count: sound, or the original's; the others' results stand beside them",
    default: GRADINGS[0],
  },
} as const satisfies Record<string, Flag>;

/** How models run, as the flags say. */
export interface RunOptions extends RunSettings {
  device: DeviceChoice;
}

/** Rules of decoding in place of the checkpoints', from the flag that says one. */
export function generationOf(penalty: string | undefined): Partial<GenerationConfig> | undefined {
  if (penalty === undefined) return undefined;
  return { repetition_penalty: numberOf(penalty, "repetition_penalty", { positive: true }) };
}

/** Precision, device, rules of decoding and memory from the flags. */
export function runOptions(
  { dtype, device, memory_gb, repetition_penalty }: Omit<
    FlagValues<typeof RUN_FLAGS>,
    "overwrite"
  >,
): RunOptions & { memoryBytes?: number } {
  return {
    precision: dtype === undefined
      ? undefined
      : PRECISIONS[oneOf(dtype, Object.keys(PRECISIONS), "dtype")],
    device: oneOf(device, DEVICE_CHOICES, "device"),
    generation: generationOf(repetition_penalty),
    memoryBytes: memory_gb === undefined
      ? undefined
      : numberOf(memory_gb, "memory_gb", { positive: true }) * 2 ** 30,
  };
}

/** More layers than any model has: a range is written out before the model is known. */
const MOST_LAYERS = 10_000;

/** Items of a list flag: separated by commas or spaces. */
export function listOf(text: string | undefined): string[] | undefined {
  return text?.split(/[\s,]+/).filter((item) => item !== "");
}

/**
 * Layers of a flag: numbers and ranges, e.g. "0,4,8-11".
 *
 * @throws {Error} for anything else.
 */
export function layersOf(text: string | undefined): number[] | undefined {
  return listOf(text)?.flatMap((item) => {
    const [first, last = first] = item.split("-").map((part) => wholeNumber(part, "layers"));
    if (item.split("-").length > 2 || last < first) {
      throw new UsageError(`--layers must be numbers and ranges such as 0,4,8-11, not ${item}`);
    }
    if (last >= MOST_LAYERS) throw new UsageError(`--layers has ${item}: no model has that many`);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/**
 * Lets a list be written as separate words, as Python commands take it: `--layers 0 1 2`.
 *
 * @param args Arguments of the command.
 * @param flags Names of the flags that take lists.
 */
export function joinLists(args: readonly string[], flags: readonly string[]): string[] {
  const joined: string[] = [];
  let list = false;
  for (const arg of args) {
    if (list && !arg.startsWith("-") && joined.at(-1)?.startsWith("-") === false) {
      joined.push(`${joined.pop()},${arg}`);
      continue;
    }
    if (arg.startsWith("-")) list = flags.some((flag) => arg === `--${flag}`);
    joined.push(arg);
  }
  return joined;
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
