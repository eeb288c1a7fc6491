/**
 * How a study runs its models on this machine.
 *
 * @module
 */
import { findTensors } from "../checkpoint/mod.ts";
import {
  type Device,
  DeviceMemoryError,
  findGpu,
  type GenerationConfig,
  gpuBytes,
  type GpuInfo,
  type Precision,
  PRECISIONS_OF,
} from "../model/mod.ts";
import { byteText } from "../number_format.ts";

/** Devices to ask for; "auto": see {@linkcode chooseRun}. */
export const DEVICE_CHOICES = ["auto", "cpu", "webgpu"] as const;
/** Precisions to ask for; which of them a device has, it says itself. */
export const PRECISION_NAMES: readonly Precision[] = ["f32", "bf16", "int8", "f16"];
/** A device to ask for. */
export type DeviceChoice = typeof DEVICE_CHOICES[number];

/** Where and how models of a study run. */
export interface RunSettings {
  /** Default "auto". */
  device?: DeviceChoice;
  /** Default: what suits device and checkpoint. */
  precision?: Precision;
  /** Rules of decoding in place of those that the checkpoints have. */
  generation?: Partial<GenerationConfig>;
}

/** Arithmetic, place and rules of a model's run. */
export interface ModelRun extends RunSettings {
  precision: Precision;
  device: Device;
}

/** Checkpoints that one analysis opens together at most: splices are made of two. */
const OPEN_TOGETHER = 2;
/** Share of the machine's memory that their weights may take. */
const MEMORY_SHARE = 0.6;
const BYTES_OF_F32 = 4;
/** Parameters from which a GPU is the faster; below, its calls cost more than their products. */
const LARGE = 1e9;

/** What decides how a checkpoint is run. */
export interface ModelSize {
  parameters: number;
  /** Whether its weights have 16 bits. */
  narrow: boolean;
}

/** Parameters of a checkpoint and their type, read off its headers. */
export function modelSize(folder: string): ModelSize {
  let parameters = 0;
  let wide = 0;
  for (const { shape, dtype } of findTensors(folder).values()) {
    const count = shape.reduce((product, size) => product * size, 1);
    parameters += count;
    if (dtype === "F32") wide += count;
  }
  return { parameters, narrow: wide < parameters / 2 };
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

/** What {@linkcode chooseRun} goes by. */
export interface RunChoice extends Omit<RunSettings, "generation"> {
  /** Models of this size that are open at a time; default 2, as splices need. */
  together?: number;
  /** Precision on the CPU where none is asked for; default by {@linkcode fittingPrecision}. */
  onCpu?: Precision;
  /** Looks for the machine's GPU; called only if the choice depends on it. */
  gpu?: () => GpuInfo | null;
}

/**
 * Where a model runs, and in which precision. "auto" is a GPU for models of 1e9 parameters or more,
 * if there is one whose memory is known and holds them, and the CPU otherwise: it is the faster for
 * small ones. On a GPU, weights of 16 bits run in f16, others in f32, unless a precision is asked
 * for.
 *
 * @throws {DeviceMemoryError} if the GPU that is asked for has no memory for one such model.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const gpu = () => ({ name: "a GPU", driver: "1.0", memoryBytes: 80e9 });
 * const choose = (parameters: number) => chooseRun({ parameters, narrow: true }, { gpu });
 * assertEquals(choose(8.3e9).device, "webgpu");
 * assertEquals(choose(2e6).device, "cpu");
 * ```
 */
export function chooseRun(
  { parameters, narrow }: ModelSize,
  {
    device = "auto",
    precision,
    together = OPEN_TOGETHER,
    onCpu = fittingPrecision(parameters, Deno.systemMemoryInfo().total),
    gpu = findGpu,
  }: RunChoice = {},
): { device: Device; precision: Precision; note: string | null } {
  const cpu = { device: "cpu" as const, precision: precision ?? onCpu, note: null };
  const onGpu = { device: "webgpu" as const, precision: precision ?? (narrow ? "f16" : "f32") };
  const small = parameters < LARGE ||
    precision !== undefined && !PRECISIONS_OF.webgpu.includes(precision);
  if (device === "cpu" || device === "auto" && small) return cpu;
  const found = gpu();
  if (!found || found.memoryBytes === null) {
    // Only the runtime knows whether there is a GPU that this machine's tools do not list.
    return device === "auto" ? cpu : { ...onGpu, note: null };
  }
  const { name, memoryBytes } = found;
  const models = device === "auto" ? together : 1;
  const needed = gpuBytes(parameters, { precision: onGpu.precision, models });
  const memory = `${name} has ${byteText(memoryBytes)} of memory`;
  const what = `${models === 1 ? "the model takes" : `${models} such models take`} ` +
    `${byteText(needed)} there in ${onGpu.precision}`;
  if (needed <= memoryBytes) {
    const note = device === "auto" ? `device: ${memory}, ${what}` : null;
    return { ...onGpu, note };
  }
  if (device === "auto") return { ...cpu, note: `device: the CPU, for ${memory}, and ${what}` };
  throw new DeviceMemoryError(
    `Cannot run on webgpu: ${memory}, and ${what}; ` +
      `${onGpu.precision === "f32" ? "take precision f16, or the cpu" : "use the cpu"}`,
  );
}

/** How a checkpoint is run on this machine; says so where a GPU of it was looked at. */
export function modelRun(
  folder: string,
  { generation, ...choice }: RunSettings & RunChoice = {},
): ModelRun {
  const { note, ...run } = chooseRun(modelSize(folder), choice);
  if (note !== null) console.warn(note);
  return { ...run, ...generation && { generation } };
}
