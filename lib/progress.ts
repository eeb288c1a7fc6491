/**
 * The one interface through which long work reports progress; lib/study renders it.
 *
 * @module
 */

/** A snapshot of work in progress. */
export interface ProgressEvent {
  /** What is being done, e.g. "energy" or "Qwen/Qwen2.5-VL-7B-Instruct". */
  label: string;
  done: number;
  total: number;
  unit: "bytes" | "tensors" | "cells" | "samples" | "tokens";
  /** What is being worked on right now, e.g. a tensor's name. */
  detail?: string;
}

/** Receives progress; must not throw. */
export type ProgressListener = (event: ProgressEvent) => void;
