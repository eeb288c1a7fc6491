/**
 * Running graphs on the GPU, and what errors there mean.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import { DeviceMemoryError, type Inputs, messageOf, toOrt } from "./session.ts";
import type { HostTensor } from "./tensors.ts";

/**
 * What an error of the runtime means, as an error to throw.
 *
 * @param what Could not be done.
 */
export function explainGpuError(what: string, cause: unknown): Error {
  const message = messageOf(cause);
  // A buffer that there was no memory for is only found to be invalid when it is used.
  if (/out of memory|failed to create gpu buffer|out_of_memory|\[invalid buffer/i.test(message)) {
    return new DeviceMemoryError(
      `Cannot ${what}: the GPU's memory is full (${message}); take precision f16, a larger GPU or ` +
        "the device cpu",
      { cause },
    );
  }
  if (/device (is )?lost|lost device|device_lost/i.test(message)) {
    return new Error(
      `Cannot ${what}: the GPU was lost (${message}). Records written so far are kept; start the ` +
        "same command again to go on",
      { cause },
    );
  }
  if (/webgpu adapter|vkCreateInstance|no supported adapters|webgpu_context/i.test(message)) {
    return new Error(
      `Cannot ${what}: the runtime finds no GPU; install the GPU's Vulkan driver and its loader (on ` +
        "Debian libvulkan1), name the driver's file in VK_DRIVER_FILES if it is elsewhere, or use " +
        "the device cpu",
      { cause },
    );
  }
  return new Error(`Cannot ${what}: ${message}`, { cause });
}

/** Runs a compiled graph with tensors of the device. */
export async function runOnGpu(
  session: ort.InferenceSession,
  { name, inputs, fetch }: { name: string; inputs: Inputs; fetch: readonly string[] },
): Promise<Record<string, ort.Tensor>> {
  const feeds: Record<string, ort.Tensor> = {};
  for (const input in inputs) {
    const tensor = inputs[input];
    feeds[input] = tensor instanceof ort.Tensor ? tensor : toOrt(tensor as HostTensor);
  }
  try {
    return await session.run(feeds, fetch) as Record<string, ort.Tensor>;
  } catch (cause) {
    throw explainGpuError(`run ${name} on webgpu`, cause);
  }
}
