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

/**
 * A device to compute on.
 *
 * @throws {Error} if it does not have the precision.
 */
export function createBackend(
  device: Device,
  { precision, threads }: { precision: Precision; threads?: number },
): Backend {
  const has = PRECISIONS_OF[device];
  if (!has.includes(precision)) {
    throw new Error(
      `Cannot run in ${precision} on ${device}: it has ${has.join(", ")}; choose one of these`,
    );
  }
  return device === "cpu" ? new HostBackend(threads) : new GpuBackend();
}
