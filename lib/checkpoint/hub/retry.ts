/**
 * Trying again after failures that may pass.
 *
 * @module
 */
import { sleep } from "../../signals.ts";
import { HubError } from "./error.ts";

/** How often and how patiently to try again. */
export interface RetryOptions {
  /** Wait before each further attempt, in ms; its length is the number of further attempts. */
  delaysMs: readonly number[];
  signal?: AbortSignal;
  /** How far the work has come; attempts are counted anew whenever this has grown. */
  progress?: () => number;
}

/**
 * Runs `work` until it succeeds, fails for good, or the attempts are used up.
 *
 * @throws What `work` threw last, or the signal's reason.
 */
export async function withRetries<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { delaysMs, signal, progress = () => 0 } = options;
  let attempt = 0;
  let furthest = progress();
  signal?.throwIfAborted();
  while (true) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const position = progress();
      if (position > furthest) attempt = 0;
      furthest = Math.max(furthest, position);
      const passes = error instanceof HubError && error.transient;
      if (!passes || attempt >= delaysMs.length) throw error;
      await sleep(delaysMs[attempt++], signal);
    }
  }
}
