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

/**
 * Says whether work should go on: an AbortSignal, or what a worker's task is given. Ask between
 * units of work of at most a second or so: a worker cannot be ended while it computes.
 */
export type StopSignal = Pick<AbortSignal, "throwIfAborted">;

interface Message<T> {
  index: number;
  task: T;
  /** One i32 shared by all workers: not zero when they should stop. */
  stop: SharedArrayBuffer;
}

interface Reply<R> {
  index: number;
  result?: R;
  error?: string;
}

/** Workers, their tasks and what became of them: one call of {@linkcode mapInWorkers}. */
class Pool<T, R> {
  readonly results: R[];
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  #next = 0;
  #failure: { reason: unknown } | undefined;

  constructor(
    readonly module: URL,
    readonly tasks: T[],
    readonly onResult: MapInWorkersOptions<R>["onResult"],
  ) {
    this.results = new Array(tasks.length);
  }

  /** Begins no more tasks and has the workers stop at their next question; the first reason counts. */
  fail(reason: unknown) {
    this.#failure ??= { reason };
    Atomics.store(this.#stop, 0, 1);
  }

  /** Runs all tasks; settles when no worker is left. */
  async run(count: number): Promise<R[]> {
    const workers = Array.from({ length: Math.min(count, this.tasks.length) }, () => this.#lane());
    await Promise.all(workers);
    if (this.#failure) throw this.#failure.reason;
    return this.results;
  }

  /** One worker, from its first task to its end. */
  async #lane(): Promise<void> {
    const worker = new Worker(this.module, { type: "module" });
    try {
      while (this.#next < this.tasks.length && !this.#failure) {
        const index = this.#next++;
        const { error, result } = await this.#ask(worker, index);
        // A task that was stopped fails too, after the failure that counts.
        if (error !== undefined) throw new Error(error);
        this.results[index] = result as R;
        if (!this.#failure) this.onResult?.(this.results[index], index);
      }
    } catch (error) {
      this.fail(error);
    } finally {
      worker.terminate();
    }
  }

  #ask(worker: Worker, index: number): Promise<Reply<R>> {
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Reply<R>>) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`A worker of ${this.module.pathname} failed: ${event.message}`));
      };
      const { buffer } = this.#stop;
      worker.postMessage({ index, task: this.tasks[index], stop: buffer } as Message<T>);
    });
  }
}

/**
 * Runs every task in one of several workers.
 *
 * @param module The worker's module; it calls {@linkcode serveTasks}.
 * @param tasks Structured-cloneable tasks.
 * @returns Results in the order of the tasks.
 * @throws {Error} the first error of a task, with its message, or the signal's reason, when all
 * workers have stopped at their next unit of work and are ended.
 */
export async function mapInWorkers<T, R>(
  module: URL,
  tasks: T[],
  { workers, onResult, signal }: MapInWorkersOptions<R>,
): Promise<R[]> {
  signal?.throwIfAborted();
  const pool = new Pool<T, R>(module, tasks, onResult);
  const abort = () => pool.fail(signal!.reason);
  signal?.addEventListener("abort", abort);
  try {
    return await pool.run(workers);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** What a worker's global scope offers that `serveTasks` needs. */
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}

/**
 * Answers the tasks of {@linkcode mapInWorkers}; call it once at the top of a worker's module.
 *
 * @param handle Does one task; what it throws reaches the caller by its message. Between units of
 * work it asks the signal.
 */
export function serveTasks<T, R>(handle: (task: T, signal: StopSignal) => R | Promise<R>): void {
  const scope = globalThis as unknown as WorkerScope;
  scope.onmessage = async ({ data: { index, task, stop } }: MessageEvent<Message<T>>) => {
    const flag = new Int32Array(stop);
    const signal = {
      throwIfAborted: () => {
        if (Atomics.load(flag, 0) !== 0) throw new Error("The work was stopped");
      },
    };
    try {
      scope.postMessage({ index, result: await handle(task, signal) });
    } catch (error) {
      scope.postMessage({ index, error: (error as Error).message });
    }
  };
}
