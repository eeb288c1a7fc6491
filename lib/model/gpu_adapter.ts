/**
 * What is known of the machine's GPU from outside the runtime, which tells nothing.
 *
 * @module
 */
import type { Precision } from "./linear.ts";

/** A GPU: its name, its driver, its memory in bytes if that is known. */
export interface GpuInfo {
  name: string;
  driver: string;
  memoryBytes: number | null;
}

/** Memory of a GPU beside the weights: K and V of a small batch, the runtime's buffers. */
export const GPU_WORKING_BYTES = 3e9;

/** Bytes that models of so many parameters take on a GPU. */
export function gpuBytes(
  parameters: number,
  { precision, models }: { precision: Precision; models: number },
): number {
  return models * parameters * (precision === "f16" ? 2 : 4) + GPU_WORKING_BYTES;
}

/** The part of them that is left for a batch where weights and the rest fill the memory. */
const LEAST_BATCH_BYTES = 1e9;

/**
 * Bytes that K, V and hidden states of a batch may take on a GPU: half of what is left, for larger
 * batches have larger calls; 2 GiB where its memory is not known.
 *
 * @param neededBytes Of the models, by {@linkcode gpuBytes}.
 */
export function gpuBatchBytes(memoryBytes: number | null, neededBytes: number): number {
  if (memoryBytes === null) return 2 ** 31;
  return Math.max(LEAST_BATCH_BYTES, (memoryBytes - neededBytes) / 2);
}

/** The first NVIDIA GPU, the one that the runtime takes; null where there is none. */
export function findGpu(): GpuInfo | null {
  try {
    const { success, stdout } = new Deno.Command("nvidia-smi", {
      args: ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader,nounits"],
      stderr: "null",
    }).outputSync();
    const [name, driver, mebibytes] = new TextDecoder().decode(stdout).split("\n")[0].split(", ");
    if (!success || mebibytes === undefined) return null;
    return { name, driver, memoryBytes: Number(mebibytes) * 2 ** 20 };
  } catch {
    return null; // no such program
  }
}

/** Links of a folder to what they lead to; those that are gone meanwhile are left out. */
function linksIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name }) => {
    try {
      return [Deno.readLinkSync(`${folder}/${name}`)];
    } catch {
      return [];
    }
  });
}

/**
 * Device file of the NVIDIA GPU that a process works on; null where none is known. The driver opens
 * each GPU a few times to look at it, and the one that is used more often.
 *
 * @param opened Folder of links to what the process has opened.
 */
export function usedGpu(opened = "/proc/self/fd"): string | null {
  try {
    const files = linksIn(opened).filter((path) => /^\/dev\/nvidia\d+$/.test(path));
    const uses = [...Map.groupBy(files, (path) => path).values()];
    return uses.sort((a, b) => b.length - a.length)[0]?.[0] ?? null;
  } catch {
    return null; // not Linux
  }
}

/** Name of the GPU, its driver and its device file, for messages and records. */
export function describeGpu(): string {
  const gpu = findGpu();
  const file = usedGpu();
  if (gpu) return `${gpu.name}, driver ${gpu.driver}${file === null ? "" : `, ${file}`}`;
  const files = Deno.env.get("VK_DRIVER_FILES") ?? Deno.env.get("VK_ICD_FILENAMES");
  return files ? `the Vulkan driver ${files}` : `the first GPU of ${Deno.build.os}`;
}
