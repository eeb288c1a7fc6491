/**
 * Records of an experiment in memory.
 *
 * @module
 */
import type { Sink } from "../experiments/pass.ts";

/** A sink that keeps records, and tells which of them are new. */
export interface MemorySink<R> extends Sink<R> {
  /** Those that were added, in order. */
  added: R[];
}

/** Keeps records, beside those that are there `already`. */
export function memorySink<R>(
  id: (record: R) => string,
  already: readonly R[] = [],
): MemorySink<R> {
  const records = new Map(already.map((record) => [id(record), record]));
  const added: R[] = [];
  const append = (record: R) => {
    records.set(id(record), record);
    added.push(record);
  };
  return { records, added, append };
}
