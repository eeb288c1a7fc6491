/**
 * One model's share of an experiment: rows of samples, computed in batches, those that are recorded
 * already left out.
 *
 * @module
 */
import {
  BATCH_ROWS,
  type BatchLimits,
  type ModelInput,
  planBatches,
  type VisionLanguageModel,
} from "../model/mod.ts";
import type { ProgressListener } from "../progress.ts";

/** Records of one kind: those that are there, and room for more. */
export interface Sink<R> {
  /** By id; grows with every record that is added. */
  readonly records: ReadonlyMap<string, R>;
  append(record: R): void;
}

/** Records that may also change, as when a judge has seen them. */
export interface UpdatableSink<R> extends Sink<R> {
  /** Puts records in place of those of the same ids: each file of them is rewritten whole. */
  update(records: readonly R[]): Promise<void>;
}

/** How a pass is run. */
export interface PassOptions {
  onProgress?: ProgressListener;
  signal?: AbortSignal;
  /**
   * Bytes of K, V and hidden states of one batch; default what the device has room for. Does not
   * change results.
   */
  memoryBytes?: number;
  /** Most rows of one batch; does not change results. */
  maxRows?: number;
}

/** What a batch is run with. */
export interface BatchContext {
  model: VisionLanguageModel;
  signal?: AbortSignal;
  /** Tells that so many rows of the batch have ended. */
  progress: (rows: number, detail?: string) => void;
}

/** A row before its prompt is prepared: enough to tell whether it is recorded. */
export interface PlainRow<S> {
  sample: S;
  /** First layer at which it differs from the sample's other rows. */
  touch: number;
}

/** What {@linkcode definePass} takes: samples `S` have rows `R` and prepared prompts `P`. */
export interface PassDefinition<S, R extends PlainRow<S>, P extends { input: ModelInput }> {
  /** What progress calls it. */
  label: string;
  /** Tokens of an answer at most. */
  maxNewTokens: number;
  /** Samples whose prompts are prepared together; default all. */
  together?: (model: VisionLanguageModel, options: PassOptions) => number;
  /** What is to be computed for a sample. */
  rows: (sample: S) => R[];
  /** Whether a row is recorded already. */
  isDone: (row: R) => boolean;
  /** Prompts of samples, in their order. */
  prepare: (
    samples: readonly S[],
    context: Pick<BatchContext, "model" | "signal">,
  ) => Promise<P[]>;
  /** Splits rows into batches, which run in this order; default by memory. */
  batches?: (rows: (R & P)[], limits: BatchLimits) => (R & P)[][];
  /** Computes a batch and records those of its rows that are not recorded. */
  run: (batch: (R & P)[], context: BatchContext) => Promise<void>;
}

/** A share of an experiment on samples `S`, and what it runs on: one model, or nothing open. */
export interface Pass<S, Model = VisionLanguageModel> {
  /** Whether every row of these samples is recorded. */
  isComplete(samples: readonly S[]): boolean;
  /** Computes what is not recorded. */
  run(model: Model, samples: readonly S[], options?: PassOptions): Promise<void>;
}

/**
 * A pass by what its rows are and how a batch of them is computed. Batches are planned as if nothing
 * were recorded, and each is computed as planned or not at all, so that a run that goes on computes
 * the same numbers as one that was never stopped.
 */
export function definePass<S, R extends PlainRow<S>, P extends { input: ModelInput }>(
  { label, maxNewTokens, together, rows, isDone, prepare, batches = planBatches, run }:
    PassDefinition<S, R, P>,
): Pass<S> {
  return {
    isComplete: (samples) => samples.every((sample) => rows(sample).every(isDone)),
    async run(model, samples, options = {}) {
      const { onProgress, signal, memoryBytes = model.batchBytes, maxRows = BATCH_ROWS } = options;
      const limits = { config: model.config.text, maxNewTokens, memoryBytes, maxRows };
      const total = samples.reduce((sum, sample) => sum + rows(sample).length, 0);
      let ended = 0;
      const progress = (more: number, detail?: string) =>
        onProgress?.({ label, done: ended + more, total, unit: "samples", detail });
      const size = together?.(model, options) ?? Math.max(1, samples.length);
      for (let first = 0; first < samples.length; first += size) {
        signal?.throwIfAborted();
        const group = samples.slice(first, first + size);
        const plain = group.flatMap((sample) => rows(sample));
        progress(0);
        if (plain.every(isDone)) {
          ended += plain.length;
          continue;
        }
        const prompts = await prepare(group, { model, signal });
        const prompted = new Map(group.map((sample, i) => [sample, prompts[i]]));
        const ready = plain.map((row) => ({ ...row, ...prompted.get(row.sample)! }));
        for (const batch of batches(ready, limits)) {
          signal?.throwIfAborted();
          if (!batch.every(isDone)) await run(batch, { model, signal, progress });
          ended += batch.length;
          progress(0);
        }
      }
      progress(0);
    },
  };
}

/** Passes one after the other, with the model open once. */
export function inTurn<S>(...passes: readonly Pass<S>[]): Pass<S> {
  return {
    isComplete: (samples) => passes.every((pass) => pass.isComplete(samples)),
    async run(model, samples, options) {
      for (const pass of passes) await pass.run(model, samples, options);
    },
  };
}
