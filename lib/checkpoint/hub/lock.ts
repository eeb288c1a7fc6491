/**
 * Locks between processes, on the same files and by the same system call as Python's
 * huggingface_hub, so that each waits for the other.
 *
 * @module
 */
import { dirname } from "node:path";
import { sleep } from "../../signals.ts";

/** How to wait for a lock. */
export interface FileLockOptions {
  signal?: AbortSignal;
  /** Called once if another process holds the lock. */
  onWait?: () => void;
  /** Time between two looks at the lock, in ms. Default 250. */
  pollMs?: number;
}

/**
 * Runs `work` while no other process holds the lock file. The system frees the lock of a process
 * that ends in any way.
 *
 * The lock only saves double work: blobs are written at known offsets and checked by their hash, so
 * file systems that cannot lock are used without.
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  { signal, onWait, pollMs = 250 }: FileLockOptions = {},
): Promise<T> {
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await Deno.open(path, { create: true, write: true });
  let waiting = false;
  signal?.throwIfAborted();
  while (true) {
    const locked = await file.tryLock(true).catch(() => true);
    if (locked) return await work();
    if (!waiting) onWait?.();
    waiting = true;
    await sleep(pollMs, signal);
  }
}
