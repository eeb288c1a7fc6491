/**
 * Worker of `evaluateInWorkers`: one family of models after the other.
 *
 * @module
 */
import { type ModelPlan, planOf } from "../model/mod.ts";
import { Checkpoint } from "../checkpoint/mod.ts";
import type { SentModel, SentWork, WorkerMessage } from "./evaluate_in_workers.ts";
import { LocalEvaluator, type LocalModel } from "./local_evaluator.ts";

/** What a worker's global scope offers. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<SentWork>) => void) | null;
  postMessage(message: WorkerMessage): void;
}

// A library that is loaded later takes a worker for a page and resolves addresses against its
// location, whose origin is "null". The main thread has no location either.
Object.defineProperty(globalThis, "location", { value: undefined });

/** Shortest time between two messages of progress. */
const PROGRESS_MS = 100;

const scope = globalThis as unknown as WorkerScope;

function localModel({ name, kind, plan }: SentModel, own: ModelPlan): LocalModel {
  const { checkpoint, graphs } = own;
  return { name, kind, identity: {}, plan: { ...plan, checkpoint, graphs } };
}

async function evaluate({ models, requests, done, options, run }: SentWork) {
  // A family has one checkpoint.
  using checkpoint = Checkpoint.open(models[0].folder);
  const own = planOf(checkpoint);
  const local = models.map((model) => localModel(model, own));
  await using evaluator = new LocalEvaluator(local, run);
  let reportedAt = -Infinity;
  await evaluator.evaluate(requests, {
    ...options,
    done: new Set(done),
    onResponse: ({ key }, response) => scope.postMessage({ type: "response", key, response }),
    onProgress: (event) => {
      // Every token is an event; a message costs more than a token.
      if (performance.now() - reportedAt < PROGRESS_MS && event.done < event.total) return;
      reportedAt = performance.now();
      scope.postMessage({ type: "progress", event });
    },
  });
}

scope.onmessage = async ({ data }) => {
  try {
    await evaluate(data);
    scope.postMessage({ type: "end" });
  } catch (error) {
    scope.postMessage({ type: "error", message: (error as Error).message });
  }
};
