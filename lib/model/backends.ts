/**
 * The devices that there are, by name.
 *
 * @module
 */
import { type Backend, HostBackend } from "./backend.ts";
import { GpuBackend } from "./gpu_backend.ts";
import type { Precision } from "./linear.ts";
import type { Device } from "./session.ts";

export type { Backend } from "./backend.ts";

/** The precisions of each device. */
export const PRECISIONS_OF: Readonly<Record<Device, readonly Precision[]>> = {
  cpu: ["f32", "bf16", "int8"],
  webgpu: ["f16", "f32"],
};

/** Where and how a model computes. */
export interface DeviceOptions {
  /** How weights are held, default "f32". */
  precision?: Precision;
  /** Default "cpu". */
  device?: Device;
  /** Threads of one operator; default: the machine's cores. */
  threads?: number;
}

/**
 * A device to compute on.
 *
 * @throws {Error} if it does not have the precision.
 */
export function createBackend(
  { precision = "f32", device = "cpu", threads }: DeviceOptions = {},
): Backend {
  const has = PRECISIONS_OF[device];
  if (!has.includes(precision)) {
    throw new Error(
      `Cannot run in ${precision} on ${device}: it has ${has.join(", ")}; choose one of these`,
    );
  }
  return device === "cpu" ? new HostBackend(precision, threads) : new GpuBackend(precision);
}
