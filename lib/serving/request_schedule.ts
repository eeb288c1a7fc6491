/**
 * When requests to served models are sent: some at a time, so many a minute, and again after
 * failures that may pass.
 *
 * This replaces the SDKs' own retries, which are switched off: they know neither a limit that several
 * requests share nor one on requests a minute, cap the wait that a server asks for, do not send again
 * after an answer that broke off or is no JSON, and would have to be tuned once for each SDK.
 *
 * @module
 */
import { inParallel } from "../in_parallel.ts";
import { anySignal, sleep, unlessAborted } from "../signals.ts";
import { ServedModelError } from "./served_error.ts";

/** Time and chance as a schedule sees them; tests bring their own. */
export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** @throws The signal's reason, as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Evenly from 0 to below 1. */
  random(): number;
}

const SYSTEM_CLOCK: Clock = { now: Date.now, random: Math.random, sleep };

export interface RequestScheduleOptions {
  /** Requests under way at a time; default 4. */
  concurrency?: number;
  /** Requests that may begin in a minute, evenly spaced, repetitions included; default no limit. */
  requestsPerMinute?: number;
  /** How often a request is repeated after failures that may pass; default 6. */
  retries?: number;
  /** Wait before the first repetition, in ms, default 1000; it doubles with each further one. */
  firstDelayMs?: number;
  /** That wait at most, in ms; default 60,000. */
  longestDelayMs?: number;
  /** The longest wait that a server may ask for, in ms; default 600,000. */
  longestRetryAfterMs?: number;
  /** How long other requests may still take to finish after one that failed, in ms; default 10,000. */
  graceMs?: number;
  /** Default the machine's. */
  clock?: Clock;
}

/** What ends a request. */
export interface RequestSignals {
  /** Ends waiting for a turn, and repetitions. */
  signal?: AbortSignal;
  /** Ends what is under way; default `signal`. */
  attemptSignal?: AbortSignal;
  /** Hears of repetitions, e.g. "again in 2 s: 429 Rate limit reached". */
  onWait?: (detail: string) => void;
}

/**
 * A schedule that requests share.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const schedule = new RequestSchedule({ concurrency: 2, requestsPerMinute: 60_000 });
 * assertEquals(await schedule.run(() => Promise.resolve(7)), 7);
 * ```
 */
export class RequestSchedule {
  readonly #options: Required<Omit<RequestScheduleOptions, "requestsPerMinute">>;
  /** Between the beginnings of two requests. */
  readonly #spacingMs: number;
  /** Requests under way or between two attempts. */
  #taken = 0;
  /** Those that wait for a place, in order. */
  readonly #waiting = new Set<() => void>();
  /** No request begins earlier. */
  #notBefore = 0;

  /** @throws {RangeError} if an option is out of range. */
  constructor({ requestsPerMinute = Infinity, ...options }: RequestScheduleOptions = {}) {
    this.#options = {
      concurrency: 4,
      retries: 6,
      firstDelayMs: 1000,
      longestDelayMs: 60_000,
      longestRetryAfterMs: 600_000,
      graceMs: 10_000,
      clock: SYSTEM_CLOCK,
      ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    };
    const { concurrency, retries } = this.#options;
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new RangeError(`Cannot send ${concurrency} requests at a time: at least 1 is needed`);
    }
    if (!Number.isInteger(retries) || retries < 0) {
      throw new RangeError(`Cannot repeat requests ${retries} times: 0 or more are possible`);
    }
    if (!(requestsPerMinute > 0)) {
      throw new RangeError(
        `Cannot send ${requestsPerMinute} requests a minute: the limit must be above 0`,
      );
    }
    this.#spacingMs = 60_000 / requestsPerMinute;
  }

  /**
   * Does work when it has its turn, and again after a {@linkcode ServedModelError} that is transient.
   *
   * @param work One attempt.
   * @throws What the last attempt threw, or the signal's reason.
   */
  async run<T>(
    work: (signal: AbortSignal | undefined) => Promise<T>,
    { signal, attemptSignal = signal, onWait }: RequestSignals = {},
  ): Promise<T> {
    await this.#enter(signal);
    try {
      for (let attempt = 0;; attempt++) {
        await this.#turn(signal);
        try {
          return await work(attemptSignal);
        } catch (error) {
          signal?.throwIfAborted();
          if (!(error instanceof ServedModelError) || !error.transient) throw error;
          const delay = this.#delay(attempt, error);
          onWait?.(`again in ${Math.ceil(delay / 1000)} s: ${error.failure.reason}`);
          await this.#options.clock.sleep(delay, signal);
        }
      }
    } finally {
      this.#leave();
    }
  }

  /**
   * Does work for each item and delivers the results as they come.
   *
   * The first failure ends it: nothing more begins, what is under way may finish within the grace
   * period and is delivered. An abort, or a failure to deliver, ends what is under way too.
   *
   * @param ask Work for one item, which must pass the signals on to {@linkcode run}.
   * @param options.deliver Receives each result once, one call at a time.
   * @throws The first failure, or the signal's reason.
   */
  async each<T, R>(
    items: readonly T[],
    ask: (item: T, signals: RequestSignals) => Promise<R>,
    { deliver, signal }: {
      deliver: (item: T, result: R) => void | Promise<void>;
      signal?: AbortSignal;
    },
  ): Promise<void> {
    signal?.throwIfAborted();
    const { concurrency, graceMs } = this.#options;
    const waits = new AbortController();
    const attempts = new AbortController();
    const signals = {
      signal: anySignal(waits.signal, signal),
      attemptSignal: anySignal(attempts.signal, signal),
    };
    let grace: ReturnType<typeof setTimeout> | undefined;
    const fail = (error: unknown, { atOnce = false } = {}): never => {
      waits.abort(error);
      if (atOnce) attempts.abort(error);
      else grace ??= setTimeout(() => attempts.abort(error), graceMs);
      throw error;
    };
    let delivery = Promise.resolve();
    try {
      await inParallel(items, { concurrency, signal }, async (item) => {
        const result = await ask(item, signals).catch((error) => fail(error));
        delivery = delivery.then(() => deliver(item, result));
        await delivery.catch((error) => fail(error, { atOnce: true }));
      });
    } finally {
      clearTimeout(grace);
    }
  }

  async #enter(signal?: AbortSignal) {
    signal?.throwIfAborted();
    if (this.#taken < this.#options.concurrency) {
      this.#taken++;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    try {
      await unlessAborted(promise, signal);
    } catch (error) {
      // Whoever gives up may have been handed a place in the same moment.
      if (!this.#waiting.delete(resolve)) this.#leave();
      throw error;
    }
  }

  /** Hands the place on, or frees it. */
  #leave() {
    const [next] = this.#waiting;
    if (!next) {
      this.#taken--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }

  /** Waits until a request may begin. */
  async #turn(signal?: AbortSignal) {
    const { clock } = this.#options;
    while (clock.now() < this.#notBefore) {
      await clock.sleep(this.#notBefore - clock.now(), signal);
    }
    signal?.throwIfAborted();
    this.#notBefore = clock.now() + this.#spacingMs;
  }

  /** ms until the next attempt; throws if there is none. */
  #delay(attempt: number, error: ServedModelError): number {
    const { retries, firstDelayMs, longestDelayMs, longestRetryAfterMs, clock } = this.#options;
    const { retryAfterMs } = error.failure;
    if (attempt >= retries) throw error.givenUp(`attempt ${attempt + 1} of ${retries + 1}`);
    const full = Math.min(firstDelayMs * 2 ** attempt, longestDelayMs);
    // From half to all of it, so that requests that failed together do not come back together.
    const backoff = full * (1 + clock.random()) / 2;
    if (retryAfterMs === null) return backoff;
    if (retryAfterMs > longestRetryAfterMs) {
      throw error.givenUp(
        `the server asks to wait ${Math.ceil(retryAfterMs / 1000)} s, longer than ` +
          `${longestRetryAfterMs / 1000} s`,
      );
    }
    // It is the account that must wait: other requests would only be turned away as well.
    this.#notBefore = Math.max(this.#notBefore, clock.now() + retryAfterMs);
    return retryAfterMs + backoff - full / 2;
  }
}
