/**
 * Where the questions come from: the embedded ones, the published ones of the hub, or a folder.
 *
 * A folder has one layout, that of the published files:
 *
 * ```
 * mathvista/testmini.jsonl or .parquet    AI4Math/MathVista
 * math500/test.jsonl or .parquet          HuggingFaceH4/MATH-500
 * gsm8k/test.jsonl or .parquet            openai/gsm8k
 * counting/data.jsonl ...                 the original's vision_functionality_dataset, a folder a task
 * ```
 *
 * @module
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  findHubDatasetFile,
  type HubDatasetFile,
  type HubDatasetOptions,
} from "../checkpoint/hub/mod.ts";
import { NotRunError } from "../not_run_error.ts";
import { isFile, isFolder } from "../paths.ts";
import type { MathsDataset } from "./maths_dataset.ts";
import type { VisionTask } from "./vision_dataset.ts";

/** Name of a benchmark; each task of vision localization is one. */
export type Benchmark = MathsDataset | "mathvista" | VisionTask;

interface BenchmarkFiles {
  /** Its name, as published. */
  title: string;
  /** Paths in a folder, of which the first that is there is taken. */
  files: readonly string[];
  hub: HubDatasetFile | null;
}

const BENCHMARKS: Readonly<Record<Benchmark, BenchmarkFiles>> = {
  mathvista: {
    title: "MathVista",
    files: ["mathvista/testmini.jsonl", "mathvista/testmini.parquet"],
    hub: {
      repo: "AI4Math/MathVista",
      path: "data/testmini-00000-of-00001-725687bf7a18d64b.parquet",
    },
  },
  math500: {
    title: "MATH-500",
    files: ["math500/test.jsonl", "math500/test.parquet"],
    hub: { repo: "HuggingFaceH4/MATH-500", path: "test.jsonl" },
  },
  gsm8k: {
    title: "GSM8K",
    files: ["gsm8k/test.jsonl", "gsm8k/test.parquet"],
    hub: { repo: "openai/gsm8k", path: "main/test-00000-of-00001.parquet" },
  },
  counting: { title: "counting pairs", files: ["counting/data.jsonl"], hub: null },
  ocr: { title: "OCR pairs", files: ["ocr/data.jsonl"], hub: null },
  grounding: { title: "grounding pairs", files: ["grounding/data.jsonl"], hub: null },
  recognition: { title: "recognition pairs", files: ["recognition/data.jsonl"], hub: null },
};

export function benchmarkTitle(name: Benchmark): string {
  return BENCHMARKS[name].title;
}

/** The folders of the embedded questions. */
const EMBEDDED = ["tiny/benchmarks", "vision_functionality"]
  .map((path) => fileURLToPath(new URL(`../../dataset/${path}`, import.meta.url)));

/** What a data setting says to those who have to choose one. */
export const DATA_HELP = "embedded (the suite's own small questions), hub (MathVista, MATH-500 " +
  "and GSM8K as published), a folder of files in the published layouts, or several of these with " +
  "commas between: the first that has a benchmark gives it";

/** The first of a benchmark's files that a folder has. */
function fileIn(folder: string, name: Benchmark): string | undefined {
  return BENCHMARKS[name].files.map((path) => join(folder, path)).find(isFile);
}

/**
 * Sources of a data setting, folders as full paths.
 *
 * @throws {Error} if it names no source.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dataSources("hub, ./pairs", "/recipes"), ["hub", "/recipes/pairs"]);
 * ```
 */
export function dataSources(data: string, folder = "."): string[] {
  const sources = data.split(",").map((source) => source.trim());
  if (sources.includes("")) {
    throw new Error(`Cannot find questions in ${JSON.stringify(data)}: give ${DATA_HELP}`);
  }
  return sources.map((source) =>
    ["embedded", "hub"].includes(source) ? source : resolve(folder, source)
  );
}

/**
 * Makes sure that the folders of a data setting are there.
 *
 * @throws {Error} if one is missing, or has none of the benchmarks.
 */
export function checkData(data: string): void {
  for (const source of dataSources(data)) {
    if (source !== "hub" && source !== "embedded") checkFolder(source);
  }
}

function checkFolder(folder: string) {
  const names = Object.keys(BENCHMARKS) as Benchmark[];
  if (names.some((name) => fileIn(folder, name))) return;
  const files = names.flatMap((name) => BENCHMARKS[name].files).join(", ");
  throw new Error(
    isFolder(folder)
      ? `Cannot find questions in ${folder}: it has none of ${files}`
      : `Cannot find questions in ${folder}: there is no such folder; give ${DATA_HELP}`,
  );
}

/**
 * Finds a benchmark's file, fetching what the hub's cache lacks.
 *
 * @param data Sources as {@linkcode DATA_HELP} says.
 * @returns Its file, and which of the sources has it.
 * @throws {NotRunError} if none of the sources has the benchmark.
 * @throws {Error} if a folder is missing or has no benchmark at all, or the hub's file is neither
 * cached nor to be had.
 */
export async function findBenchmark(
  name: Benchmark,
  data: string,
  options: HubDatasetOptions = {},
): Promise<{ source: string; path: string }> {
  const { title, files, hub } = BENCHMARKS[name];
  checkData(data);
  const sources = dataSources(data);
  for (const source of sources) {
    if (source === "hub" && hub) {
      return { source, path: await findHubDatasetFile(hub, options) };
    }
    const folders = source === "hub" ? [] : source === "embedded" ? EMBEDDED : [source];
    for (const folder of folders) {
      const path = fileIn(folder, name);
      if (path) return { source, path };
    }
  }
  throw new NotRunError(
    `No ${title} in ${sources.join(", ")}: put ${
      files[0]
    } into a folder, and add the folder to the ` +
      `data (--data ${sources.join(",")},FOLDER)`,
  );
}
