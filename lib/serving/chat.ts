/**
 * Asking a served model one thing.
 *
 * @module
 */
import type { ApiKey } from "./api_key.ts";
import { withDeadline } from "./deadline.ts";
import { explainFailure, isRefusal } from "./request_failure.ts";
import { ServedModelError } from "./served_error.ts";

/** What a served model is asked. */
export interface ChatTurn {
  /** System prompt; null for none. */
  system: string | null;
  text: string;
  /** A PNG file in base64 that stands before the text; null for none. */
  png: string | null;
  /** Tokens of the answer at most. */
  maxTokens: number;
  /** 0 is greedy; not sent to models that refuse it. */
  temperature: number;
}

/** A provider's answer. */
export interface ProviderReply {
  text: string;
  /** Whether the model or a content filter refused; the text is then what there was. */
  refused: boolean;
  /** Tokens of the answer; null if the provider does not say. */
  newTokens: number | null;
}

/** How an attempt is made. */
export interface SendOptions {
  signal: AbortSignal;
  /** Receives the pieces of an answer that comes as a stream. */
  onText: (piece: string) => void;
}

/** An API of served models; one attempt a call. */
export interface ChatProvider {
  /** "openai" or "anthropic". */
  readonly provider: string;
  /** Name of the model as it is asked for. */
  readonly model: string;
  /** Where requests go. */
  readonly baseUrl: string;
  readonly key: ApiKey;
  /** @throws Whatever the SDK throws. */
  send(turn: ChatTurn, options: SendOptions): Promise<ProviderReply>;
}

/** An answer. */
export interface ChatAnswer extends ProviderReply {
  /** Whether it was cut off at the deadline; the text is then what there was. */
  timedOut: boolean;
  /** Seconds that it took. */
  seconds: number;
}

/** Options of {@linkcode ServedChat.ask}. */
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

/** A served model; every text that it returns or throws has the key masked. */
export class ServedChat {
  readonly #provider: ChatProvider;

  constructor(provider: ChatProvider) {
    this.#provider = provider;
  }

  /** What decides the answers. */
  get identity(): Readonly<Record<string, unknown>> {
    const { provider, model, baseUrl } = this.#provider;
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
