/**
 * What a run will take of disk, memory and time, before it starts. Sizes of what is there are exact;
 * everything else is rough, and says so.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { z } from "zod";
import {
  cachedCommit,
  fileSize,
  hubModelCache,
  type HubSettingsOptions,
  missingFiles,
  parseHubReference,
  readHubSettings,
  snapshotFolder,
} from "../checkpoint/hub/mod.ts";
import { INDEX_FILE, weightFileNames } from "../checkpoint/mod.ts";
import { findGpu, gpuBatchBytes, gpuBytes, type GpuInfo, type Precision } from "../model/mod.ts";
import { listText } from "../list_text.ts";
import { chooseRun, type DeviceChoice } from "./model_run.ts";
import type { Recipe } from "./recipe.ts";
import { runSeconds, runsModel, workloadOf } from "./run_time.ts";
import { freeBytes } from "../free_bytes.ts";
import { isFolder } from "../paths.ts";
import { byteText } from "../number_format.ts";

/** One checkpoint of a run. */
export interface ModelEstimate {
  reference: string;
  /**
   * "folder" or "cached": it is there; "download": it must come from the hub; "missing": it is
   * neither a folder that is there nor a name on the hub.
   */
  place: "folder" | "cached" | "download" | "missing";
  /** Bytes of its weights, two a parameter; null if nothing tells. */
  bytes: number | null;
}

/** What a run will take. */
export interface RunEstimate {
  models: ModelEstimate[];
  /** Bytes to download; a part that an earlier run has downloaded is not subtracted. */
  downloadBytes: number;
  /** Where downloads go, and what is free there; null where the system does not say. */
  cacheDir: string;
  freeBytes: number | null;
  /** Whether a notebook runs a model: the two of the weights alone do not. */
  runsModels: boolean;
  /** Most memory that a notebook holds, and what the machine has. */
  memoryBytes: number;
  machineBytes: number;
  /** Seconds by notebook, for models of these sizes; empty if a size is not known. */
  seconds: { notebook: string; seconds: number }[];
  cores: number;
  device: string;
  /** What the GPU will hold, where models run on one whose memory is known. */
  gpu: GpuEstimate | null;
}

/** Bytes of a GPU's memory. */
export interface GpuEstimate {
  name: string;
  memoryBytes: number;
  /** Models that are open at a time. */
  models: number;
  /** What they take with what every run needs beside the weights. */
  neededBytes: number;
  /** K, V and hidden states of a batch, which is cut to fit. */
  batchBytes: number;
}

/** Options of {@linkcode estimateRun}. */
export interface EstimateOptions extends HubSettingsOptions {
  /** Names of the notebooks that will run. */
  notebooks: readonly string[];
  /** Samples of each task, if not the notebooks' own numbers. */
  sampleSize?: number;
  device?: DeviceChoice;
  /** Precision that is asked for; default what suits the device. */
  precision?: Precision;
  /** Looks for the GPU of the machine that runs; default this machine's. */
  gpu?: () => GpuInfo | null;
  /** Notebooks that run on the CPU whatever the device. */
  cpuOnly?: readonly string[];
  /** Cores of the machine that runs; default this machine's. */
  cores?: number;
}

/** Bytes of bf16 weights by what names say, for checkpoints that were never seen here. */
const KNOWN_SIZES: readonly [RegExp, number][] = [
  [/3b|frankenstein/i, 7.5e9],
  [/7b|openmmreasoner|revisual-r1|mmr1/i, 16.6e9],
];

const indexSchema = z.object({ metadata: z.object({ total_size: z.number() }) });

function weightBytes(folder: string): number {
  return weightFileNames(folder).reduce(
    (sum, name) => sum + (fileSize(join(folder, name)) ?? 0),
    0,
  );
}

/** The size that an index states, if an earlier run got so far. */
function indexedBytes(snapshot: string): number | null {
  try {
    const json = JSON.parse(Deno.readTextFileSync(join(snapshot, INDEX_FILE)));
    return indexSchema.parse(json).metadata.total_size;
  } catch {
    return null;
  }
}

function knownBytes(reference: string): number | null {
  return KNOWN_SIZES.find(([pattern]) => pattern.test(reference))?.[1] ?? null;
}

function estimateModel(reference: string, cacheDir: string): ModelEstimate {
  const path = resolve(reference);
  if (isFolder(path)) return { reference, place: "folder", bytes: weightBytes(path) };
  const download = { reference, place: "download" } as const;
  const found = parseHubReference(reference);
  if (found === null) return { reference, place: "missing", bytes: null };
  const cache = hubModelCache(cacheDir, found.repo);
  const commit = cachedCommit(cache, found.revision);
  if (commit === null) return { ...download, bytes: knownBytes(reference) };
  const snapshot = snapshotFolder(cache, commit);
  try {
    if (missingFiles(snapshot).length === 0) {
      return { reference, place: "cached", bytes: weightBytes(snapshot) };
    }
  } catch {
    // A damaged index is fetched again.
  }
  return { ...download, bytes: indexedBytes(snapshot) ?? knownBytes(reference) };
}

/** What a GPU will hold of models of so many parameters. */
function estimateGpu(
  gpu: GpuInfo | null,
  { parameters, ...run }: { parameters: number; precision: Precision; models: number },
): GpuEstimate | null {
  if (!gpu || gpu.memoryBytes === null) return null;
  const { name, memoryBytes } = gpu;
  const neededBytes = gpuBytes(parameters, run);
  const batchBytes = gpuBatchBytes(memoryBytes, neededBytes);
  return { name, memoryBytes, models: run.models, neededBytes, batchBytes };
}

/** Memory of the analyses of weights: measured for spectra of 7B; energy takes less. */
const WEIGHTS_BYTES_PER_CORE = 0.8e9;

/** Memory beside the weights: activations, caches, the runtime. */
const WORKING_BYTES = 2e9;

/**
 * Estimates a run. Nothing is downloaded, and the hub is not asked.
 *
 * @example
 * ```ts
 * import { readRecipe } from "./recipe.ts";
 *
 * const estimate = await estimateRun(readRecipe("tiny"), { notebooks: ["05_update_energy"] });
 * console.log(estimate.downloadBytes); // 0
 * ```
 */
export async function estimateRun(
  { models, variants }: Recipe,
  {
    notebooks,
    sampleSize,
    device: asked = "auto",
    precision: wanted,
    gpu = findGpu,
    cpuOnly = [],
    cores = navigator.hardwareConcurrency,
    ...settings
  }: EstimateOptions,
): Promise<RunEstimate> {
  const { cacheDir } = readHubSettings(settings);
  const frozen = notebooks.some((name) => workloadOf(name)?.variants)
    ? Object.values(variants)
    : [];
  const references = [...new Set([models.base, models.sft, models.rl, ...frozen])];
  const found = references.map((reference) => estimateModel(reference, cacheDir));
  const sizes = found.map(({ bytes }) => bytes);
  const largest = Math.max(...sizes.map((bytes) => bytes ?? 0));
  const parameters = largest / 2;
  const { device, precision } = chooseRun({ parameters, narrow: true }, {
    device: asked,
    precision: wanted,
    gpu,
  });
  const together = Math.max(1, ...notebooks.map((name) => workloadOf(name)?.models ?? 1));
  // On the host weights are held in f32, four bytes a parameter.
  const held = 4 * together * parameters;
  const runsModels = notebooks.some(runsModel);
  return {
    models: found,
    downloadBytes: found.filter(({ place }) => place === "download")
      .reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    cacheDir,
    freeBytes: await freeBytes(cacheDir),
    runsModels,
    memoryBytes: runsModels ? held + WORKING_BYTES : WEIGHTS_BYTES_PER_CORE * cores,
    machineBytes: Deno.systemMemoryInfo().total,
    seconds: sizes.includes(null) ? [] : notebooks.map((notebook) => ({
      notebook,
      seconds: runSeconds(notebook, {
        parameters,
        variants: frozen.length,
        sampleSize,
        device: cpuOnly.includes(notebook) ? "cpu" : device,
        cores,
      }),
    })),
    cores,
    device,
    gpu: runsModels && device === "webgpu"
      ? estimateGpu(gpu(), { parameters, precision, models: together })
      : null,
  };
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800
    ? `${(seconds / 3600).toFixed(1)} h`
    : `${(seconds / 86_400).toFixed(1)} days`;
}

/**
 * An estimate in words, a few lines.
 *
 * @param shards In how many parts the run is done, on other machines; default here, as a whole.
 */
export function runEstimateText(estimate: RunEstimate, shards?: number): string {
  const { models, downloadBytes, freeBytes: free, memoryBytes, machineBytes } = estimate;
  const { cores, device, runsModels } = estimate;
  const instead = runsModels ? ", or run --only 05,06" : "";
  const where = device === "cpu" ? `${cores} cores` : `${device} and ${cores} cores`;
  const places = {
    folder: "in its folder",
    cached: "in the cache",
    download: "to download",
    missing: "no such folder",
  };
  const lines = models.map(({ reference, place, bytes }) =>
    `  ${reference}: ${bytes === null ? "size not known" : byteText(bytes)}, ${places[place]}`
  );
  const unknown = models.filter(({ place, bytes }) => place === "download" && bytes === null);
  const more = unknown.length > 0 ? `, and ${unknown.length} of unknown size` : "";
  const room = free === null ? "free space not known" : `${byteText(free)} free`;
  const here = `; this machine has ${byteText(machineBytes)}` +
    (memoryBytes > machineBytes ? `, which is less: expect swapping${instead}` : "");
  lines.unshift("Before it starts, roughly:");
  lines.push(
    `  disk: ${byteText(downloadBytes)} to download${more} to ${estimate.cacheDir} (${room})`,
    `  memory: up to ${byteText(memoryBytes)}${runsModels ? " where models run" : ""}${
      shards === undefined ? here : " in each shard"
    }`,
  );
  if (estimate.gpu) {
    const { name, memoryBytes, models, neededBytes, batchBytes } = estimate.gpu;
    lines.push(
      `  memory of the GPU: ${byteText(neededBytes)} for ${
        models === 1 ? "a model" : "two models"
      } ` +
        `and calls, up to ${byteText(batchBytes)} for a batch, of ${
          byteText(memoryBytes)
        } (${name})`,
    );
  }
  const total = estimate.seconds.reduce((sum, { seconds }) => sum + seconds, 0);
  if (total > 0) {
    const longest = estimate.seconds.toSorted((a, b) => b.seconds - a.seconds)[0];
    lines.push(
      `  time: about ${duration(total)} on ${where}, of which ${longest.notebook} takes ` +
        `${duration(longest.seconds)}${
          shards === undefined ? "" : `; a shard of ${shards} takes ${duration(total / shards)}`
        }; less with --sample-size N, and what is done is reused`,
    );
  } else lines.push("  time: not known, since a model's size is not");
  return lines.join("\n");
}

/**
 * Makes sure that the models are there or to be had, and that the downloads fit on the disk and the
 * models into the GPU's memory, as far as these are known.
 *
 * @throws {Error} saying what is missing, and what to do.
 */
export function checkEstimate(
  { models, downloadBytes, freeBytes: free, cacheDir, gpu }: RunEstimate,
): void {
  const missing = models.filter(({ place }) => place === "missing");
  if (missing.length > 0) {
    throw new Error(
      `Cannot start: there is no folder ${listText(missing.map(({ reference }) => reference))}, ` +
        "and a model of the hub is named org/name; correct the recipe or the flag",
    );
  }
  if (gpu && gpu.neededBytes > gpu.memoryBytes) {
    throw new Error(
      `Cannot start: ${gpu.models === 1 ? "a model takes" : "the two models of a splice take"} ` +
        `${byteText(gpu.neededBytes)} on the GPU, and ${gpu.name} has ${
          byteText(gpu.memoryBytes)
        }; ` +
        "take precision f16 if it was not, a larger GPU, or the device cpu",
    );
  }
  if (free === null || downloadBytes <= free) return;
  throw new Error(
    `Cannot start: about ${byteText(downloadBytes)} are to be downloaded to ${cacheDir}, but its ` +
      `disk has only ${byteText(free)} free; free some space, or set HF_HOME to a folder on a ` +
      "larger disk",
  );
}
