/**
 * Worker of the maths comparison: one pair of answers a message, one verdict back.
 *
 * @module
 */
import { compareSpelled } from "./maths_compare.ts";
import { MathsEngine } from "./maths_engine.ts";
import type { EngineReply, EngineTask } from "./maths_process.ts";
import { ExactComparer } from "./maths_values.ts";
import type { Verdict } from "./maths_verdict.ts";

/** What a worker's global scope offers; elsewhere this module does nothing. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<EngineTask>) => void) | null;
  postMessage(reply: EngineReply): void;
}

function serve(scope: WorkerScope): void {
  const comparer = new ExactComparer(new MathsEngine());
  scope.onmessage = ({ data: { a, b } }) => {
    let verdict: Verdict;
    try {
      verdict = compareSpelled(a, b, comparer);
    } catch {
      // Whatever the engine could not do, such as recursing deeper than the stack, decides nothing.
      verdict = "undecided";
    }
    scope.postMessage({ verdict });
  };
  scope.postMessage({ ready: true });
}

if ("postMessage" in globalThis) serve(globalThis as unknown as WorkerScope);
