/**
 * Asking a served model one thing.
 *
 * @module
 */
import { anySignal } from "../signals.ts";
import type { EvaluationResponse } from "./evaluator.ts";
import type { ChatProvider, ChatTurn, ProviderReply, SendOptions } from "./provider.ts";
import { explainFailure, isRefusal } from "./request_failure.ts";
import { ServedModelError } from "./served_error.ts";

export interface ChatAnswer extends EvaluationResponse {
  /** Whether the model or a content filter refused; the text is then what there was. */
  refused: boolean;
}

export interface AskOptions {
  /** What the answer is for, as in "answer request 12". */
  purpose: string;
  /** Seconds after which the answer is cut off. */
  timeoutSeconds: number;
  /** What a cut-off answer is: an answer (the default), or a failure that may pass. */
  cutOff?: "answer" | "failure";
  signal?: AbortSignal;
}

/** What stands for the words of a refusal without any. */
const REFUSED = "[refused]";
/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Runs work and aborts it at the deadline.
 *
 * @param work Must reject soon after its signal is aborted.
 * @returns The work's value, or null if the deadline came first.
 * @throws What the work throws, or the signal's reason.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { seconds, signal }: { seconds: number; signal?: AbortSignal },
): Promise<{ value: T } | null> {
  if (!(seconds > 0)) {
    throw new RangeError(`Cannot work to a deadline of ${seconds} s: it must be above 0`);
  }
  signal?.throwIfAborted();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), Math.min(seconds * 1000, LONGEST_MS));
  try {
    return { value: await work(anySignal(late.signal, signal)) };
  } catch (error) {
    signal?.throwIfAborted();
    if (late.signal.aborted) return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A served model; every text that it returns or throws has the key masked. */
export class ServedChat {
  readonly #provider: ChatProvider;

  constructor(provider: ChatProvider) {
    this.#provider = provider;
  }

  /** What decides the answers. */
  get identity(): Readonly<Record<string, unknown>> {
    const { api: provider, model, baseUrl } = this.#provider;
    return { provider, model, base_url: baseUrl };
  }

  /**
   * Makes one attempt.
   *
   * @throws {ServedModelError} if there is no answer.
   * @throws The signal's reason.
   */
  async ask(turn: ChatTurn, options: AskOptions): Promise<ChatAnswer> {
    const { purpose, timeoutSeconds, cutOff = "answer", signal } = options;
    const { key, model, baseUrl } = this.#provider;
    const task = `${purpose} with ${model} at ${baseUrl}`;
    const started = performance.now();
    let soFar = "";
    const attempt = async (signal: AbortSignal) => {
      const reply = await this.#send(turn, { signal, onText: (piece) => soFar += piece }, task);
      // The SDKs end a stream that is aborted as if it were complete.
      signal.throwIfAborted();
      return reply;
    };
    const reply = (await withDeadline(attempt, { seconds: timeoutSeconds, signal }))?.value;
    if (!reply && cutOff === "failure") {
      throw new ServedModelError({
        task: key.redact(task),
        reason: `no answer within ${timeoutSeconds} s`,
        advice: "run again later, or allow more time: answers so far are kept",
        status: null,
        transient: true,
        retryAfterMs: null,
      });
    }
    const { text, refused, newTokens } = reply ??
      { text: soFar, refused: false, newTokens: null };
    return {
      text: key.redact(refused && text.trim() === "" ? REFUSED : text),
      refused,
      newTokens,
      timedOut: !reply,
      seconds: (performance.now() - started) / 1000,
    };
  }

  async #send(turn: ChatTurn, options: SendOptions, task: string): Promise<ProviderReply> {
    try {
      return await this.#provider.send(turn, options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (isRefusal(error)) return { text: "", refused: true, newTokens: null };
      throw new ServedModelError(explainFailure(error, { task, key: this.#provider.key }));
    }
  }
}
