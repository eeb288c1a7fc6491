/**
 * Time as the schedule of requests sees it; tests bring their own.
 *
 * @module
 */
import { setTimeout as wait } from "node:timers/promises";

/** Time and chance. */
export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** @throws The signal's reason, as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Evenly from 0 to below 1. */
  random(): number;
}

/** The machine's clock. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    await wait(ms, undefined, { signal }).catch((error) => {
      signal?.throwIfAborted();
      throw error;
    });
  },
};
