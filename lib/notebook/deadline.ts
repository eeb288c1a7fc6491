/**
 * Waiting with a limit, leaving no timer behind.
 *
 * @module
 */

/**
 * The result of `promise`, unless it takes longer than `ms`: then the error that `late` makes.
 * Without a limit, or with one beyond what a timer can hold (24 days), it waits for ever.
 */
export async function within<T>(
  promise: Promise<T>,
  ms: number | undefined,
  late: () => Error,
): Promise<T> {
  if (ms === undefined || ms >= 2 ** 31) return await promise;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), Math.max(ms, 0));
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether `promise` settles, either way, within `ms`. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new Error();
  try {
    await within(promise, ms, () => late);
    return true;
  } catch (error) {
    return error !== late;
  }
}
