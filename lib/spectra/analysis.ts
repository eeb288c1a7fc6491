/**
 * What the two weight analyses have in common: one task a parameter, spread over workers, resumable.
 *
 * @module
 */
import type { ProgressListener } from "../progress.ts";
import { partOf, PartRecorded, type Shard } from "../shard.ts";
import { openTriple, type Triple, type TripleFolders, type TripleParameter } from "./triple.ts";
import { mapInWorkers } from "../worker_pool.ts";

/** Options of both weight analyses; `R` is a parameter's result. */
export interface AnalysisOptions<R> {
  /** Keep LLM layers only. */
  llmOnly?: boolean;
  /** Workers to spread the parameters over; default one a core. */
  workers?: number;
  /** Does this part of the parameters, and makes no report. */
  shard?: Shard;
  /** Results of an interrupted run by parameter name; these are not computed again. */
  done?: ReadonlyMap<string, R>;
  /** Called once for each new result, in any order. */
  onParameter?: (name: string, result: R) => void;
  /** Receives progress. */
  onProgress?: ProgressListener;
  /** Stops the work. */
  signal?: AbortSignal;
  /** How the report's metadata names the models; default their folders. */
  modelNames?: TripleFolders;
}

/** How an analysis turns a triple into tasks. */
export interface Analysis<T> {
  /** Name shown with the progress. */
  label: string;
  /** Module of the workers. */
  worker: URL;
  /** The task of a parameter. */
  task: (parameter: TripleParameter) => T;
  /** Parameters to run, in the order to run them; default all in the model's order. */
  select?: (triple: Triple) => TripleParameter[];
  /** Most workers that memory allows for these parameters. */
  maxWorkers?: (parameters: TripleParameter[]) => number;
}

/** Bytes of a parameter's three tensors. */
function bytesOf({ base, sft, rl }: TripleParameter): number {
  return base.byteLength + sft.byteLength + rl.byteLength;
}

/**
 * Opens the triple, runs one task for each parameter that is not done, and closes it.
 *
 * @throws {PartRecorded} when a shard has done its part.
 */
export async function analyseTriple<T, R>(
  folders: TripleFolders,
  { label, worker, task, select, maxWorkers }: Analysis<T>,
  { llmOnly, workers, shard, done = new Map(), onParameter, onProgress, signal }: AnalysisOptions<
    R
  >,
): Promise<{ triple: Omit<Triple, keyof Disposable>; results: Map<string, R> }> {
  using triple = openTriple(folders, { llmOnly });
  const all = select?.(triple) ?? triple.parameters;
  // Dealt out by size, so that no shard has all of the large ones.
  const dealt = shard && partOf(all.toSorted((a, b) => bytesOf(b) - bytesOf(a)), shard);
  const selected = dealt ? all.filter((parameter) => dealt.includes(parameter)) : all;
  const results = new Map<string, R>();
  for (const { name } of selected) {
    const result = done.get(name);
    if (result !== undefined) results.set(name, result);
  }
  const open = selected.filter(({ name }) => !results.has(name));
  const total = selected.reduce((sum, parameter) => sum + bytesOf(parameter), 0);
  let finished = total - open.reduce((sum, parameter) => sum + bytesOf(parameter), 0);
  const report = (detail?: string) =>
    onProgress?.({ label, done: finished, total, unit: "bytes", detail });
  report();
  await mapInWorkers<T, R>(worker, open.map(task), {
    workers: Math.min(
      workers ?? navigator.hardwareConcurrency,
      maxWorkers?.(open) ?? Infinity,
    ),
    signal,
    onResult: (result, index) => {
      const parameter = open[index];
      results.set(parameter.name, result);
      onParameter?.(parameter.name, result);
      finished += bytesOf(parameter);
      report(parameter.name);
    },
  });
  if (shard) throw new PartRecorded(shard);
  return { triple, results };
}

/** Arithmetic mean. */
export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Entries by layer index, ascending. */
export function groupByLayer<E extends { layer_idx: number }>(entries: E[]): [number, E[]][] {
  const groups = Map.groupBy(entries, ({ layer_idx }) => layer_idx);
  return [...groups].sort(([a], [b]) => a - b);
}
