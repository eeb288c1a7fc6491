/**
 * Work on many items, some at a time.
 *
 * @module
 */

/** Options of {@linkcode inParallel}. */
export interface InParallelOptions {
  /** Items at a time. */
  concurrency: number;
  signal?: AbortSignal;
}

/**
 * Does work on every item, some at a time. After a failure no more is begun; what is under way is
 * waited for.
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
  { concurrency, signal }: InParallelOptions,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failure: { reason: unknown } | undefined;
  const lane = async () => {
    while (next < items.length && !failure) {
      const index = next++;
      try {
        signal?.throwIfAborted();
        await work(items[index], index);
      } catch (reason) {
        failure ??= { reason };
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  if (failure) throw failure.reason;
}
