/**
 * Time for tests.
 *
 * @module
 */
import type { Clock } from "../request_schedule.ts";

interface Sleeper {
  at: number;
  wake: () => void;
}

/** A clock that stands still while anything runs, then leaps to whoever wakes first. */
export class TestClock implements Clock {
  /** ms of every sleep, in the order of falling asleep. */
  readonly sleeps: number[] = [];
  readonly #asleep = new Set<Sleeper>();
  #now = 1_000_000;

  /** @param chance What `random` gives. */
  constructor(readonly chance = 1) {}

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.chance;
  }

  async sleep(ms: number, signal?: AbortSignal) {
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    await new Promise<void>((resolve, reject) => {
      const sleeper = { at: this.#now + ms, wake: resolve };
      this.#asleep.add(sleeper);
      signal?.addEventListener("abort", () => {
        this.#asleep.delete(sleeper);
        reject(signal.reason);
      }, { once: true });
      setTimeout(() => this.#leap(), 0);
    });
  }

  /** One leap a sleep: everyone is woken in the end. */
  #leap() {
    const [first] = [...this.#asleep].sort((a, b) => a.at - b.at);
    if (!first) return;
    this.#asleep.delete(first);
    this.#now = Math.max(this.#now, first.at);
    first.wake();
  }
}
