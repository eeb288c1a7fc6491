/**
 * Independent tasks spread over Web Workers, results in order.
 *
 * @module
 */

/** Options of {@linkcode mapInWorkers}. */
export interface MapInWorkersOptions<R> {
  /** How many workers to start at most. */
  workers: number;
  /** Called as each result arrives, in any order. */
  onResult?: (result: R, index: number) => void;
  /** Stops the work; the promise then rejects with its reason. */
  signal?: AbortSignal;
}

interface Reply<R> {
  index: number;
  result?: R;
  error?: { message: string; stack?: string };
}

/**
 * Runs every task in one of several workers.
 *
 * @param module The worker's module; it calls {@linkcode serveTasks}.
 * @param tasks Structured-cloneable tasks.
 * @returns Results in the order of the tasks.
 * @throws {Error} the first error of a task, with its message; the workers are then ended.
 */
export function mapInWorkers<T, R>(
  module: URL,
  tasks: T[],
  { workers: count, onResult, signal }: MapInWorkersOptions<R>,
): Promise<R[]> {
  const results = new Array<R>(tasks.length);
  if (tasks.length === 0) return Promise.resolve(results);
  const workers: Worker[] = [];
  let next = 0;
  let left = tasks.length;
  return new Promise<R[]>((resolve, reject) => {
    const onAbort = () => finish(() => reject(signal!.reason));
    function finish(settle: () => void) {
      signal?.removeEventListener("abort", onAbort);
      for (const worker of workers) worker.terminate();
      settle();
    }
    if (signal?.aborted) return reject(signal.reason);
    signal?.addEventListener("abort", onAbort);
    const give = (worker: Worker) => {
      if (next < tasks.length) worker.postMessage({ index: next, task: tasks[next++] });
    };
    for (let i = 0; i < Math.min(count, tasks.length); i++) {
      const worker = new Worker(module, { type: "module" });
      workers.push(worker);
      worker.onmessage = ({ data }: MessageEvent<Reply<R>>) => {
        if (data.error) {
          const error = new Error(data.error.message);
          return finish(() => reject(error));
        }
        results[data.index] = data.result as R;
        try {
          onResult?.(results[data.index], data.index);
        } catch (error) {
          return finish(() => reject(error));
        }
        if (--left === 0) finish(() => resolve(results));
        else give(worker);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        finish(() => reject(new Error(`A worker of ${module.pathname} failed: ${event.message}`)));
      };
      give(worker);
    }
  });
}

/** What a worker's global scope offers that `serveTasks` needs. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}

/**
 * Answers the tasks of {@linkcode mapInWorkers}; call it once at the top of a worker's module.
 *
 * @param handle Does one task; what it throws reaches the caller by its message.
 */
export function serveTasks<T, R>(handle: (task: T) => R | Promise<R>): void {
  const scope = globalThis as unknown as WorkerScope;
  scope.onmessage = async ({ data }: MessageEvent<{ index: number; task: T }>) => {
    try {
      scope.postMessage({ index: data.index, result: await handle(data.task) });
    } catch (error) {
      const { message, stack } = error as Error;
      scope.postMessage({ index: data.index, error: { message, stack } });
    }
  };
}
