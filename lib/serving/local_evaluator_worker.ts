/**
 * Worker of `evaluateInWorkers`: one family of models after the other.
 *
 * @module
 */
import { planOf } from "../model/mod.ts";
import { Checkpoint } from "../checkpoint/mod.ts";
import { serveTasks } from "../worker_pool.ts";
import type { SentWork, WorkerNews } from "./evaluate_in_workers.ts";
import { LocalEvaluator } from "./local_evaluator.ts";

// A library that is loaded later takes a worker for a page and resolves addresses against its
// location, whose origin is "null". The main thread has no location either.
Object.defineProperty(globalThis, "location", { value: undefined });

/** Shortest time between two messages of progress. */
const PROGRESS_MS = 100;

serveTasks<SentWork, void, WorkerNews>(
  async ({ models, requests, done, options, run }, _, tell) => {
    // A family has one checkpoint.
    using checkpoint = Checkpoint.open(models[0].folder);
    const { graphs } = planOf(checkpoint);
    const local = models.map(({ name, kind, plan }) => ({
      name,
      kind,
      identity: {},
      plan: { ...plan, checkpoint, graphs },
    }));
    await using evaluator = new LocalEvaluator(local, run);
    let reportedAt = -Infinity;
    await evaluator.evaluate(requests, {
      ...options,
      done: new Set(done),
      onResponse: ({ key }, response) => tell({ key, response }),
      onProgress: (event) => {
        // Every token is an event; a message costs more than a token.
        if (performance.now() - reportedAt < PROGRESS_MS && event.done < event.total) return;
        reportedAt = performance.now();
        tell({ event });
      },
    });
  },
);
