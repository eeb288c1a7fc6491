/**
 * What the two weight analyses have in common: one task a parameter, spread over workers.
 *
 * @module
 */
import type { z } from "zod";
import type { ProgressListener } from "../progress.ts";
import type { SkippedTensor } from "./report.ts";
import {
  readTriple,
  type ReadTripleOptions,
  type TripleFolders,
  type TripleParameter,
  type TripleWeights,
} from "./triple.ts";
import { mapInWorkers } from "../worker_pool.ts";

/** What an analysis looks at: the weights of a triple, and those of them that it takes. */
export interface Selection {
  triple: TripleWeights;
  parameters: readonly TripleParameter[];
  skipped: readonly SkippedTensor[];
}

/** A weight analysis with options `O`, a result `R` of each parameter, and a report of them all. */
export interface WeightAnalysis<O extends ReadTripleOptions, R, Report> {
  /** Name shown with the progress. */
  label: string;
  /** Module of the workers. */
  worker: URL;
  /** Layout of a parameter's result. */
  result: z.ZodType<R>;
  /**
   * Parameters to take and those to leave out, each with the reason; default all of the triple.
   *
   * @throws {Error} if the options are wrong.
   */
  select?: (triple: TripleWeights, options: O) => Pick<Selection, "parameters" | "skipped">;
  /** What a worker is given. */
  task: (parameter: TripleParameter, options: O) => unknown;
  /** Most workers that memory allows for these parameters. */
  maxWorkers?: (parameters: readonly TripleParameter[]) => number;
  /** @param results By parameter name, of every parameter that was selected. */
  report: (
    selection: Selection,
    results: ReadonlyMap<string, R>,
    context: { options: O; modelNames: TripleFolders },
  ) => Report;
}

/** How an analysis runs; none of it changes results. */
export interface AnalysisRun {
  /** Workers to spread the parameters over; default one a core. */
  workers?: number;
  /** Receives progress. */
  onProgress?: ProgressListener;
  /** Stops the work. */
  signal?: AbortSignal;
}

/** Options of a whole analysis. */
export type AnalysisOptions<O> = O & AnalysisRun & {
  /** How the report's metadata names the models; default their folders. */
  modelNames?: TripleFolders;
};

/** Bytes of a parameter's three tensors. */
export function parameterBytes({ base, sft, rl }: TripleParameter): number {
  return base.byteLength + sft.byteLength + rl.byteLength;
}

/**
 * The parameters of a triple that an analysis takes.
 *
 * @throws {Error} as {@linkcode readTriple} does, or if the analysis' options are wrong.
 */
export function selectParameters<O extends ReadTripleOptions, R, Report>(
  { select }: WeightAnalysis<O, R, Report>,
  folders: TripleFolders,
  options: O,
): Selection {
  const triple = readTriple(folders, options);
  return { triple, ...select?.(triple, options) ?? triple };
}

/** Results by parameter name: those that are there, and room for more. */
export interface ResultStore<R> {
  has: (name: string) => boolean;
  set: (name: string, result: R) => unknown;
}

/** Runs one task for each parameter that has no result; results come in any order. */
export async function measureParameters<O extends ReadTripleOptions, R, Report>(
  { label, worker, task, maxWorkers }: WeightAnalysis<O, R, Report>,
  parameters: readonly TripleParameter[],
  { options, results, workers, onProgress, signal }: AnalysisRun & {
    options: O;
    results: ResultStore<R>;
  },
): Promise<void> {
  const open = parameters.filter(({ name }) => !results.has(name));
  const total = parameters.reduce((sum, parameter) => sum + parameterBytes(parameter), 0);
  let finished = total - open.reduce((sum, parameter) => sum + parameterBytes(parameter), 0);
  const tell = (detail?: string) =>
    onProgress?.({ label, done: finished, total, unit: "bytes", detail });
  tell();
  await mapInWorkers<unknown, R>(worker, open.map((parameter) => task(parameter, options)), {
    workers: Math.min(workers ?? navigator.hardwareConcurrency, maxWorkers?.(open) ?? Infinity),
    signal,
    onResult: (result, index) => {
      results.set(open[index].name, result);
      finished += parameterBytes(open[index]);
      tell(open[index].name);
    },
  });
}

/** A whole analysis of three checkpoint folders, in memory. */
export async function analyseTriple<O extends ReadTripleOptions, R, Report>(
  analysis: WeightAnalysis<O, R, Report>,
  folders: TripleFolders,
  options: AnalysisOptions<O>,
): Promise<Report> {
  const { workers, onProgress, signal, modelNames = folders } = options;
  const selection = selectParameters(analysis, folders, options);
  const results = new Map<string, R>();
  const run = { options, results, workers, onProgress, signal };
  await measureParameters(analysis, selection.parameters, run);
  return analysis.report(selection, results, { options, modelNames });
}

/** Entries by layer index, ascending. */
export function groupByLayer<E extends { layer_idx: number }>(entries: E[]): [number, E[]][] {
  const groups = Map.groupBy(entries, ({ layer_idx }) => layer_idx);
  return [...groups].sort(([a], [b]) => a - b);
}
