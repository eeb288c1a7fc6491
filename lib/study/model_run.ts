/**
 * How a study runs its models on this machine.
 *
 * @module
 */
import { findTensors } from "../checkpoint/mod.ts";
import type { Device, GenerationConfig, Precision } from "../model/mod.ts";

/** Where and how models of a study run. */
export interface RunPlace {
  /** Default "cpu". */
  device?: Device;
  /** Rules of decoding in place of those that the checkpoints have. */
  generation?: Partial<GenerationConfig>;
}

/** Arithmetic, place and rules of a model's run. */
export interface ModelRun extends RunPlace {
  precision: Precision;
  device: Device;
}

/** Checkpoints that one analysis opens together at most: splices are made of two. */
const OPEN_TOGETHER = 2;
/** Share of the machine's memory that their weights may take. */
const MEMORY_SHARE = 0.6;
const BYTES_OF_F32 = 4;

/** Parameters of a checkpoint, read off its headers. */
export function countParameters(folder: string): number {
  const sizes = [...findTensors(folder).values()].map(({ shape }) =>
    shape.reduce((product, size) => product * size, 1)
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * f32, the fastest, where the weights of two such checkpoints fit into the machine's memory; else
 * bf16, which leaves weights in their files. Checkpoints of one recipe have one size, so that all
 * analyses of a recipe run alike.
 *
 * @param parameters Of one checkpoint.
 * @param memoryBytes Of the machine.
 *
 * @example
 * ```ts
 * console.log(fittingPrecision(2.3e6, 8e9), fittingPrecision(8.3e9, 64e9)); // f32 bf16
 * ```
 */
export function fittingPrecision(parameters: number, memoryBytes: number): Precision {
  const weights = OPEN_TOGETHER * BYTES_OF_F32 * parameters;
  return weights <= MEMORY_SHARE * memoryBytes ? "f32" : "bf16";
}

/** Parameters from which a GPU computes products in f16; below, its calls cost more than they do. */
const LARGE = 1e9;

/** How a checkpoint is run on a device of this machine: large ones in f16 on a GPU. */
export function modelRun(
  folder: string,
  { device = "cpu", generation }: RunPlace = {},
): ModelRun {
  const parameters = countParameters(folder);
  const ofGpu = parameters < LARGE ? "f32" : "f16";
  const precision = device === "cpu"
    ? fittingPrecision(parameters, Deno.systemMemoryInfo().total)
    : ofGpu;
  return { precision, device, ...generation && { generation } };
}
