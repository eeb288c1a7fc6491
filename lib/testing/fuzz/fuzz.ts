/**
 * Damaged inputs by the thousand through every door: each must end in a clean result or in a typed
 * error of one line that names the file, in time, with the file as it was.
 *
 * @module
 */
import { DOORS } from "./doors.ts";
import type { CaseNumber, Verdict } from "./run_case.ts";

export { DOORS } from "./doors.ts";

/** Options of {@linkcode fuzz}. */
export interface FuzzOptions {
  /** Cases of each kind. */
  cases: number;
  seed: number;
  /** Kinds of inputs; default all. */
  kinds?: readonly string[];
  /** Index of the first case; default 0. */
  first?: number;
  /** Milliseconds after which a case hangs; default a minute. */
  hangMs?: number;
  /** Called for each case. */
  onCase?: (number: CaseNumber, verdict: Verdict) => void;
  signal?: AbortSignal;
}

/** How many cases of a kind ended how. */
export interface FuzzCount {
  kind: string;
  clean: number;
  refused: number;
  faults: number;
}

/** A case that ended in neither a clean result nor a right error. */
export interface FuzzFault extends CaseNumber {
  message: string;
}

/** A thread that runs cases. */
class CaseRunner implements Disposable {
  #worker: Worker | undefined;

  run(number: CaseNumber, hangMs: number): Promise<Verdict> {
    const url = new URL("./fuzz_worker.ts", import.meta.url);
    const worker = this.#worker ??= new Worker(url, { type: "module" });
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    const fail = (message: string) => {
      this[Symbol.dispose]();
      resolve({ outcome: "fault", message });
    };
    const timer = setTimeout(() => fail(`it did not end within ${hangMs / 1000} s`), hangMs);
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      fail(`an error that nothing caught: ${event.message}`);
    };
    worker.postMessage(number);
    return promise.finally(() => clearTimeout(timer));
  }

  [Symbol.dispose](): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

/** Sends `cases` damaged inputs of each kind through their door. */
export async function fuzz(
  { cases, seed, kinds = Object.keys(DOORS), first = 0, hangMs = 60_000, onCase, signal }:
    FuzzOptions,
): Promise<{ counts: FuzzCount[]; faults: FuzzFault[] }> {
  using runner = new CaseRunner();
  const counts: FuzzCount[] = [];
  const faults: FuzzFault[] = [];
  for (const kind of kinds) {
    const count = { kind, clean: 0, refused: 0, faults: 0 };
    counts.push(count);
    for (let index = first; index < first + cases; index++) {
      signal?.throwIfAborted();
      const number = { kind, seed, index };
      const verdict = await runner.run(number, hangMs);
      if (verdict.outcome === "fault") {
        count.faults++;
        faults.push({ ...number, message: verdict.message });
      } else count[verdict.outcome]++;
      onCase?.(number, verdict);
    }
  }
  return { counts, faults };
}
