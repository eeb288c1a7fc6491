/**
 * The one interface behind which every evaluated model stands: a local checkpoint, a merge of
 * layers, or a model served by others.
 *
 * @module
 */
import type { ProgressListener } from "../progress.ts";
import type { InputType, ModelKind, Question } from "../benchmarks/mod.ts";

/** A model that an evaluator answers with. */
export interface EvaluatedModel {
  /** How requests and records name it. */
  name: string;
  /** How it was trained to be asked. */
  kind: ModelKind;
  /** What decides its answers: weights, precision, device, or the served model's name. */
  identity: Readonly<Record<string, unknown>>;
}

export interface EvaluationRequest {
  /** Name of one of the evaluator's models. */
  model: string;
  /** Identifies the request to whoever asks. */
  key: string;
  question: Question;
  inputType: InputType;
}

export interface EvaluationResponse {
  text: string;
  /** Whether it was cut off at the deadline; the text is then what there was. */
  timedOut: boolean;
  /** Seconds from the request to the answer's last token. */
  seconds: number;
  /** Tokens of the answer; null where a served model does not say. */
  newTokens: number | null;
}

export interface EvaluateOptions {
  /** Tokens of an answer at most. */
  maxNewTokens: number;
  /** 0 is greedy. */
  temperature: number;
  /** Seconds after which an answer is cut off. */
  timeoutSeconds: number;
  /**
   * Keys of requests that need no answer. An evaluator that computes answers together may compute
   * them again, so that the others come out as they would have without an interruption; others do
   * not ask them. `onResponse` does not hear of them.
   */
  done?: ReadonlySet<string>;
  /** Receives each answer once, as soon as it is there; what it wrote is kept if a later one fails. */
  onResponse: (request: EvaluationRequest, response: EvaluationResponse) => void | Promise<void>;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** Answers questions with one or several models. */
export interface Evaluator extends AsyncDisposable {
  readonly models: readonly EvaluatedModel[];
  /**
   * Answers every request, in any order.
   *
   * @throws {Error} if a request cannot be answered; answers given to `onResponse` stand.
   */
  evaluate(requests: readonly EvaluationRequest[], options: EvaluateOptions): Promise<void>;
}
