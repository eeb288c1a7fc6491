/**
 * Work on many items, some at a time.
 *
 * @module
 */
import { anySignal } from "./signals.ts";

/**
 * Does work on every item, `concurrency` at a time. After a failure no more is begun; what is under
 * way is waited for, and its signal is aborted.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const doubled: number[] = [];
 * await inParallel([1, 2, 3], { concurrency: 2 }, (n, i) => {
 *   doubled[i] = 2 * n;
 *   return Promise.resolve();
 * });
 * assertEquals(doubled, [2, 4, 6]);
 * ```
 *
 * @throws The first failure, or the signal's reason.
 */
export async function inParallel<T>(
  items: readonly T[],
  { concurrency, signal }: { concurrency: number; signal?: AbortSignal },
  work: (item: T, index: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failure: { reason: unknown } | undefined;
  const stop = new AbortController();
  const either = anySignal(stop.signal, signal);
  const lane = async () => {
    while (next < items.length && !failure) {
      const index = next++;
      try {
        signal?.throwIfAborted();
        await work(items[index], index, either);
      } catch (reason) {
        failure ??= { reason };
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  if (failure) throw failure.reason;
}
