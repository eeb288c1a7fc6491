/**
 * Families of models that answer at the same time, each in a Web Worker with sessions of its own.
 * Small models leave a core idle half of the time; on two, two families take little longer than one.
 *
 * @module
 */
import type { ModelPlan } from "../model/mod.ts";
import type { ProgressEvent } from "../progress.ts";
import type {
  EvaluatedModel,
  EvaluateOptions,
  EvaluationRequest,
  EvaluationResponse,
} from "./evaluator.ts";
import type { LocalEvaluatorOptions, LocalModel } from "./local_evaluator.ts";

/** A family and what it is asked. */
export interface FamilyWork {
  models: readonly LocalModel[];
  requests: readonly EvaluationRequest[];
}

/** A plan as it can be sent to another thread. */
export interface SentModel extends Pick<EvaluatedModel, "name" | "kind"> {
  /** Folder of the plan's checkpoint. */
  folder: string;
  plan: Omit<ModelPlan, "checkpoint">;
}

/** A family's work as it is sent; what several models or requests share is shared there too. */
export interface SentWork {
  models: SentModel[];
  requests: readonly EvaluationRequest[];
  done: string[];
  options: Pick<EvaluateOptions, "maxNewTokens" | "temperature" | "timeoutSeconds">;
  run: LocalEvaluatorOptions;
}

/** What a worker tells. */
export type WorkerMessage =
  | { type: "response"; key: string; response: EvaluationResponse }
  | { type: "progress"; event: ProgressEvent }
  | { type: "end" }
  | { type: "error"; message: string };

/** Options of {@linkcode evaluateInWorkers}. */
export interface EvaluateInWorkersOptions extends EvaluateOptions {
  /** Workers at most. */
  workers: number;
  run: LocalEvaluatorOptions;
}

const MODULE = new URL("./local_evaluator_worker.ts", import.meta.url);

function sentWork(
  { models, requests }: FamilyWork,
  { done, run, workers, ...options }: EvaluateInWorkersOptions,
): SentWork {
  const { maxNewTokens, temperature, timeoutSeconds } = options;
  const threads = Math.max(1, Math.floor(navigator.hardwareConcurrency / workers));
  return {
    models: models.map(({ name, kind, plan: { checkpoint, ...plan } }) => ({
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

/** Gives a worker one family's work and hears it until its end. */
function runIn(
  worker: Worker,
  work: SentWork,
  { onResponse, onProgress }: {
    onResponse: (key: string, response: EvaluationResponse) => Promise<void>;
    onProgress: (event: ProgressEvent) => void;
  },
): Promise<void> {
  return new Promise((resolve, reject) => {
    let told = Promise.resolve();
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      switch (data.type) {
        case "response":
          told = told.then(() => onResponse(data.key, data.response));
          return told.catch(reject);
        case "progress":
          return onProgress(data.event);
        case "end":
          return told.then(resolve, reject);
        case "error":
          return reject(new Error(data.message));
      }
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot evaluate ${work.models[0].name}: ${event.message}`));
    };
    worker.postMessage(work);
  });
}

/**
 * Evaluates families, some at a time. Answers are told as {@linkcode Evaluator} tells them, one
 * call at a time for each family.
 *
 * @throws {Error} the first failure, or the signal's reason; the workers are then ended.
 */
export async function evaluateInWorkers(
  families: readonly FamilyWork[],
  options: EvaluateInWorkersOptions,
): Promise<void> {
  const { workers: count, signal, onProgress } = options;
  signal?.throwIfAborted();
  const requests = new Map(
    families.flatMap(({ requests }) => requests.map((request) => [request.key, request])),
  );
  const progress = families.map(({ requests }) =>
    requests.filter(({ key }) => options.done?.has(key)).length
  );
  const workers: Worker[] = [];
  let ended = false;
  const stopped = Promise.withResolvers<never>();
  const abort = () => stopped.reject(signal!.reason);
  signal?.addEventListener("abort", abort, { once: true });
  // The largest first, so that none is left alone at the end.
  const open = families.map((_, i) => i).sort((a, b) =>
    families[b].requests.length - families[a].requests.length
  );
  const lane = async () => {
    const worker = new Worker(MODULE, { type: "module" });
    workers.push(worker);
    for (let i = open.shift(); i !== undefined; i = open.shift()) {
      const index = i;
      await runIn(worker, sentWork(families[index], options), {
        onResponse: async (key, response) => {
          // What is told after the end would be asked again.
          if (!ended) await options.onResponse(requests.get(key)!, response);
        },
        onProgress: (event) => {
          progress[index] = event.done;
          const done = progress.reduce((sum, own) => sum + own, 0);
          onProgress?.({ ...event, done, total: requests.size });
        },
      });
    }
  };
  try {
    const lanes = Array.from({ length: count }, lane);
    await Promise.race([Promise.all(lanes), stopped.promise]);
  } finally {
    ended = true;
    signal?.removeEventListener("abort", abort);
    stopped.promise.catch(() => {});
    for (const worker of workers) worker.terminate();
  }
}
