/**
 * Rows of samples that evaluators answer: served models, and models of this machine that answer in
 * the same batches.
 *
 * @module
 */
import type {
  EvaluateOptions,
  EvaluationRequest,
  EvaluationResponse,
  Evaluator,
} from "../serving/mod.ts";
import type { Pass, PassOptions } from "./pass.ts";

/** A row that is asked. */
export interface AskedRow {
  request: EvaluationRequest;
}

/** What {@linkcode defineAnswerPass} takes: samples `S` have rows `R`. */
export interface AnswerPassDefinition<S, R extends AskedRow>
  extends Pick<EvaluateOptions, "maxNewTokens" | "temperature" | "timeoutSeconds"> {
  /** What is asked, in this order; the keys of the requests differ. */
  rows: (samples: readonly S[]) => R[];
  /** Whether a row's answer is recorded already. */
  isDone: (row: R) => boolean;
  /** Who answers, one after the other: each what its models are asked. */
  evaluators: (options: PassOptions) => Promise<readonly Evaluator[]>;
  /** Is told which models are about to be asked. */
  onModels?: (names: readonly string[]) => void;
  record: (row: R, response: EvaluationResponse) => void;
}

/** A pass in which models are asked what has no record yet. */
export function defineAnswerPass<S, R extends AskedRow>(
  { rows, isDone, evaluators, onModels, record, ...limits }: AnswerPassDefinition<S, R>,
): Pass<S, undefined> {
  return {
    isComplete: (samples) => rows(samples).every(isDone),
    async run(_, samples, options = {}) {
      const { onProgress, signal } = options;
      const asked = new Map(rows(samples).map((row) => [row.request.key, row]));
      const done = new Set([...asked.values()].filter(isDone).map(({ request }) => request.key));
      for (const evaluator of await evaluators(options)) {
        const names = evaluator.models.map(({ name }) => name);
        const requests = [...asked.values()].map(({ request }) => request)
          .filter(({ model }) => names.includes(model));
        if (requests.every(({ key }) => done.has(key))) continue;
        onModels?.(names);
        await evaluator.evaluate(requests, {
          ...limits,
          done,
          onProgress,
          signal,
          onResponse: ({ key }, response) => record(asked.get(key)!, response),
        });
      }
    },
  };
}
