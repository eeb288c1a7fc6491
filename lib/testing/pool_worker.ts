/**
 * Worker of the pool's tests.
 *
 * @module
 */
import { serveTasks } from "../worker_pool.ts";

/** What the worker is asked. */
export type PoolTask =
  /** Answers the number squared. */
  | { square: number }
  /** Counts up in shared memory until it is told to stop. */
  | { count: SharedArrayBuffer }
  /** Fails, as soon as `after` is not zero. */
  | { fail: string; after: SharedArrayBuffer };

serveTasks((task: PoolTask, signal): number => {
  if ("square" in task) return task.square ** 2;
  if ("fail" in task) {
    const ready = new Int32Array(task.after);
    while (Atomics.load(ready, 0) === 0) signal.throwIfAborted();
    throw new Error(task.fail);
  }
  const counter = new Int32Array(task.count);
  for (;;) {
    Atomics.add(counter, 0, 1);
    signal.throwIfAborted();
  }
});
