/**
 * Independent tasks spread over Web Workers, results in order.
 *
 * @module
 */
import { anySignal, unlessAborted } from "./signals.ts";

/** Options of {@linkcode mapInWorkers}. */
export interface MapInWorkersOptions<R, N> {
  /** How many workers to start at most. */
  workers: number;
  /** Called as each result arrives, in any order. */
  onResult?: (result: R, index: number) => void;
  /** Hears what a task tells before its result. */
  onNews?: (news: N, index: number) => void;
  /** Stops the work; the promise then rejects with its reason. */
  signal?: AbortSignal;
  /** Ends busy workers at once, for tasks that ask no signal; default when they have stopped. */
  atOnce?: boolean;
}

/**
 * Says whether work should go on: an AbortSignal, or what a worker's task is given. Ask between
 * units of work of at most a second or so: a worker cannot be ended while it computes.
 */
export type StopSignal = Pick<AbortSignal, "throwIfAborted">;

interface Message<T> {
  task: T;
  /** One i32 shared by all workers: not zero when they should stop. */
  stop: Int32Array<SharedArrayBuffer>;
}

type Reply<R, N> = { news: N } | { result: R } | { error: string };

/**
 * Runs every task in one of several workers.
 *
 * @param module The worker's module; it calls {@linkcode serveTasks}.
 * @param tasks Structured-cloneable tasks.
 * @returns Results in the order of the tasks.
 * @throws {Error} the first error of a task, with its message, or the signal's reason, when all
 * workers have stopped at their next unit of work and are ended.
 */
export async function mapInWorkers<T, R, N = never>(
  module: URL,
  tasks: T[],
  { workers, onResult, onNews, signal, atOnce = false }: MapInWorkersOptions<R, N>,
): Promise<R[]> {
  signal?.throwIfAborted();
  const results = new Array<R>(tasks.length);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const failed = new AbortController();
  const ended = anySignal(failed.signal, signal);
  ended.addEventListener("abort", () => Atomics.store(stop, 0, 1));
  const ask = (worker: Worker, task: T, index: number) =>
    new Promise<R>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Reply<R, N>>) => {
        if ("news" in data) onNews?.(data.news, index);
        else if ("error" in data) reject(new Error(data.error));
        else resolve(data.result);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`A worker of ${module.pathname} failed: ${event.message}`));
      };
      worker.postMessage({ task, stop } as Message<T>);
    });
  const open = tasks.entries();
  const lane = async () => {
    const worker = new Worker(module, { type: "module" });
    try {
      for (const [index, task] of open) {
        const answer = ask(worker, task, index);
        results[index] = await (atOnce ? unlessAborted(answer, ended) : answer);
        if (ended.aborted) break;
        onResult?.(results[index], index);
      }
    } catch (error) {
      // A task that was stopped fails too, after the failure that counts.
      failed.abort(error);
    } finally {
      worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, tasks.length) }, lane));
  ended.throwIfAborted();
  return results;
}

/** What a worker's global scope offers that `serveTasks` needs. */
interface WorkerScope<T, R, N> {
  onmessage: ((event: MessageEvent<Message<T>>) => void) | null;
  postMessage(reply: Reply<R, N>): void;
}

/**
 * Answers the tasks of {@linkcode mapInWorkers}; call it once at the top of a worker's module.
 *
 * @param handle Does one task; what it throws reaches the caller by its message. Between units of
 * work it asks the signal; what it tells is heard at once.
 */
export function serveTasks<T, R, N = never>(
  handle: (task: T, signal: StopSignal, tell: (news: N) => void) => R | Promise<R>,
): void {
  const scope = globalThis as unknown as WorkerScope<T, R, N>;
  scope.onmessage = async ({ data: { task, stop } }) => {
    const signal = {
      throwIfAborted: () => {
        if (Atomics.load(stop, 0) !== 0) throw new Error("The work was stopped");
      },
    };
    try {
      const result = await handle(task, signal, (news) => scope.postMessage({ news }));
      scope.postMessage({ result });
    } catch (error) {
      scope.postMessage({ error: (error as Error).message });
    }
  };
}
