/**
 * Work that must end in time.
 *
 * @module
 */

/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** Options of {@linkcode withDeadline}. */
export interface DeadlineOptions {
  /** Seconds that the work may take. */
  seconds: number;
  /** Ends the work early. */
  signal?: AbortSignal;
}

/**
 * Runs work and aborts it at the deadline.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const inTime = await withDeadline(() => Promise.resolve(7), { seconds: 60 });
 * assertEquals(inTime, { value: 7 });
 * ```
 *
 * @param work Must reject soon after its signal is aborted.
 * @returns The work's value, or null if the deadline came first.
 * @throws What the work throws, or the signal's reason.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { seconds, signal }: DeadlineOptions,
): Promise<{ value: T } | null> {
  if (!(seconds > 0)) {
    throw new RangeError(`Cannot work to a deadline of ${seconds} s: it must be above 0`);
  }
  signal?.throwIfAborted();
  const controller = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, Math.min(seconds * 1000, LONGEST_MS));
  const forward = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", forward, { once: true });
  try {
    return { value: await work(controller.signal) };
  } catch (error) {
    signal?.throwIfAborted();
    if (late) return null;
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", forward);
  }
}
