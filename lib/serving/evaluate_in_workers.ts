/**
 * Families of models that answer at the same time, each in a Web Worker with sessions of its own.
 * Small models do not fill a second core; two of them on two cores take as long as one.
 *
 * @module
 */
import type { ModelPlan } from "../model/mod.ts";
import type { ProgressEvent } from "../progress.ts";
import { unlessAborted } from "../signals.ts";
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

/** What a worker reports. */
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

/** Gives a worker work and hears it until its end. */
function runIn(
  worker: Worker,
  work: SentWork,
  hear: (message: Exclude<WorkerMessage, { type: "end" | "error" }>) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      if (data.type === "end") resolve();
      else if (data.type === "error") reject(new Error(data.message));
      else hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot evaluate ${work.models[0].name}: ${event.message}`));
    };
    worker.postMessage(work);
  });
}

/** One call of {@linkcode evaluateInWorkers}. */
class ParallelEvaluation {
  readonly #requests: ReadonlyMap<string, EvaluationRequest>;
  /** Requests of each part that have an answer. */
  readonly #done: number[];
  /** Resolved when all answers of a part are delivered. */
  readonly #delivered: PromiseWithResolvers<void>[];
  readonly #workers: Worker[] = [];
  #ended = false;

  constructor(
    readonly parts: readonly FamilyPart[],
    readonly options: EvaluateInWorkersOptions,
  ) {
    this.#requests = new Map(
      parts.flatMap(({ requests }) => requests.map((request) => [request.key, request])),
    );
    this.#done = parts.map(({ requests }) =>
      requests.filter(({ key }) => options.done?.has(key)).length
    );
    this.#delivered = parts.map(() => Promise.withResolvers<void>());
    // A part that fails leaves later ones waiting; that is no error of its own.
    for (const { promise } of this.#delivered) promise.catch(() => {});
  }

  async run(): Promise<void> {
    const { signal } = this.options;
    signal?.throwIfAborted();
    const waiting = [...this.parts.keys()];
    const lane = async () => {
      const worker = new Worker(MODULE, { type: "module" });
      this.#workers.push(worker);
      for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
        await this.#runPart(worker, part);
      }
    };
    const lanes = Array.from({ length: this.options.workers }, lane);
    const delivered = this.#delivered.map(({ promise }) => promise);
    try {
      await unlessAborted(Promise.all([...lanes, ...delivered]), signal);
    } finally {
      this.#ended = true;
      for (const worker of this.#workers) worker.terminate();
    }
  }

  async #runPart(worker: Worker, part: number) {
    const { models } = this.parts[part];
    // A family's answers are delivered in their order, whichever part is done first.
    const before = this.parts.slice(0, part).findLastIndex((other) => other.models === models);
    let delivered = before < 0 ? Promise.resolve() : this.#delivered[before].promise;
    const { promise: failed, reject: fail } = Promise.withResolvers<never>();
    const work = runIn(worker, sentWork(this.parts[part], this.options), (message) => {
      if (message.type === "progress") return this.#progress(part, message.event);
      delivered = delivered.then(() => this.#deliver(message.key, message.response));
      delivered.catch(fail);
    });
    await Promise.race([work, failed]);
    delivered.then(this.#delivered[part].resolve, this.#delivered[part].reject);
  }

  async #deliver(key: string, response: EvaluationResponse) {
    // What is delivered after the end would be asked again.
    if (!this.#ended && !this.options.signal?.aborted) {
      await this.options.onResponse(this.#requests.get(key)!, response);
    }
  }

  #progress(part: number, event: ProgressEvent) {
    this.#done[part] = event.done;
    const done = this.#done.reduce((sum, own) => sum + own, 0);
    this.options.onProgress?.({ ...event, done, total: this.#requests.size });
  }
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
  await new ParallelEvaluation(parts, options).run();
}
