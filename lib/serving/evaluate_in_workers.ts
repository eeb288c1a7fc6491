/**
 * Families of models that answer at the same time, each in a Web Worker with sessions of its own.
 * Small models do not fill a second core; two of them on two cores take as long as one.
 *
 * @module
 */
import type { ModelPlan } from "../model/mod.ts";
import type { ProgressEvent } from "../progress.ts";
import { anySignal } from "../signals.ts";
import { mapInWorkers } from "../worker_pool.ts";
import type {
  EvaluatedModel,
  EvaluateOptions,
  EvaluationRequest,
  EvaluationResponse,
} from "./evaluator.ts";
import type { FamilyPart } from "./families.ts";
import type { LocalEvaluatorOptions } from "./local_evaluator.ts";

/** A plan as it can be sent to another thread. */
export interface SentModel extends Pick<EvaluatedModel, "name" | "kind"> {
  /** Folder of the plan's checkpoint, which says by which graphs the layers run. */
  folder: string;
  plan: Omit<ModelPlan, "checkpoint" | "graphs">;
}

/** Work as it is sent; what several models or requests share is shared there too. */
export interface SentWork {
  models: SentModel[];
  requests: readonly EvaluationRequest[];
  done: string[];
  options: Pick<EvaluateOptions, "maxNewTokens" | "temperature" | "timeoutSeconds">;
  run: LocalEvaluatorOptions;
}

/** What a worker tells: how far it is, or an answer. */
export type WorkerNews = { event: ProgressEvent } | { key: string; response: EvaluationResponse };

export interface EvaluateInWorkersOptions extends EvaluateOptions {
  workers: number;
  run: LocalEvaluatorOptions;
}

const MODULE = new URL("./local_evaluator_worker.ts", import.meta.url);

function sentWork(
  { models, requests }: FamilyPart,
  { done, run, workers, ...options }: EvaluateInWorkersOptions,
): SentWork {
  const { maxNewTokens, temperature, timeoutSeconds } = options;
  const threads = Math.max(1, Math.floor(navigator.hardwareConcurrency / workers));
  return {
    models: models.map(({ name, kind, plan: { checkpoint, graphs: _, ...plan } }) => ({
      name,
      kind,
      folder: checkpoint.folder,
      plan,
    })),
    requests,
    done: requests.filter(({ key }) => done?.has(key)).map(({ key }) => key),
    options: { maxNewTokens, temperature, timeoutSeconds },
    run: { ...run, threads, workers: 1 },
  };
}

/**
 * Evaluates parts, some at a time. Answers of one family are delivered in their order.
 *
 * @param parts Those of one family, in order, hold the same list of models.
 * @throws {Error} the first failure, or the signal's reason; the workers are then ended.
 */
export async function evaluateInWorkers(
  parts: readonly FamilyPart[],
  options: EvaluateInWorkersOptions,
): Promise<void> {
  const { workers, signal, onResponse, onProgress } = options;
  const requests = new Map(
    parts.flatMap(({ requests }) => requests.map((request) => [request.key, request])),
  );
  const tasks = parts.map((part) => sentWork(part, options));
  /** Requests of each part that have an answer. */
  const answered = tasks.map(({ done }) => done.length);
  /** Resolved when all answers of a part are delivered. */
  const delivered = parts.map(() => Promise.withResolvers<void>());
  // A family's answers are delivered in their order, whichever part is done first.
  const deliveries = parts.map(({ models }, part) => {
    const before = parts.slice(0, part).findLastIndex((other) => other.models === models);
    return before < 0 ? Promise.resolve() : delivered[before].promise;
  });
  const failed = new AbortController();
  const ended = anySignal(failed.signal, signal);
  const fail = (error: unknown) => failed.abort(error);
  await mapInWorkers<SentWork, void, WorkerNews>(MODULE, tasks, {
    workers,
    signal: ended,
    atOnce: true,
    onNews: (news, part) => {
      if ("event" in news) {
        answered[part] = news.event.done;
        const done = answered.reduce((sum, own) => sum + own, 0);
        return onProgress?.({ ...news.event, done, total: requests.size });
      }
      deliveries[part] = deliveries[part].then(async () => {
        // What is delivered after the end would be asked again.
        if (!ended.aborted) await onResponse(requests.get(news.key)!, news.response);
      }).catch(fail);
    },
    onResult: (_, part) => void deliveries[part].then(delivered[part].resolve),
  }).then(() => Promise.all(deliveries), fail);
  ended.throwIfAborted();
}
