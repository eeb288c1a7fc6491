/**
 * Answers of models that others serve, behind the interface of the local ones.
 *
 * @module
 */
import type { ChatMessage, RgbImage } from "../model/mod.ts";
import type { EvaluatedModel, EvaluateOptions, EvaluationRequest, Evaluator } from "./evaluator.ts";
import { type ModelKind, modelKind, questionMessages } from "../benchmarks/mod.ts";
import { anySignal } from "../signals.ts";
import { connect, type Connection, type ConnectOptions } from "./connect.ts";
import type { ChatTurn } from "./provider.ts";
import type { RequestSignals } from "./request_schedule.ts";
import { requestRules } from "./request_rules.ts";

export interface ServedEvaluatorOptions extends ConnectOptions {
  /** How the model was trained to be asked; default by its name. */
  kind?: ModelKind;
}

/**
 * An image as a PNG file in base64. PNG loses nothing: the served model is shown the pixels that
 * a checkpoint of this machine is shown.
 */
async function pngText({ width, height, data }: RgbImage): Promise<string> {
  // Loaded at first use: questions of text only need none.
  const { default: sharp } = await import("sharp");
  const png = await sharp(data, { raw: { width, height, channels: 3 } }).png().toBuffer();
  return png.toString("base64");
}

/** The parts of a chat of one turn, as {@linkcode questionMessages} makes them. */
async function turnParts(
  messages: readonly ChatMessage[],
): Promise<Pick<ChatTurn, "system" | "text" | "png">> {
  const parts: Pick<ChatTurn, "system" | "text" | "png"> = { system: null, text: "", png: null };
  for (const { role, content } of messages) {
    if (typeof content === "string") {
      parts[role === "system" ? "system" : "text"] = content;
      continue;
    }
    for (const part of content) {
      if (part.type === "text") parts.text = part.text;
      // It shows pixels, in the size of a prompt.
      else parts.png = await pngText(part.image as RgbImage);
    }
  }
  return parts;
}

class ServedEvaluator implements Evaluator {
  readonly models: readonly [EvaluatedModel];
  readonly #connection: Connection;
  readonly #ended = new AbortController();

  /** Use {@linkcode createServedEvaluator}. */
  constructor(model: EvaluatedModel, connection: Connection) {
    this.models = [model];
    this.#connection = connection;
  }

  /**
   * Answers every request that is not done, in any order, each once. The deadline is that of one
   * attempt and does not run while a request waits for its turn; an answer that was cut off is not
   * asked for again. `onResponse` is called for one answer at a time.
   *
   * @throws {ServedModelError} if the server refuses a request for good or all attempts failed.
   * Answers that were under way may still be delivered before.
   * @throws The signal's reason.
   */
  async evaluate(requests: readonly EvaluationRequest[], options: EvaluateOptions): Promise<void> {
    const [model] = this.models;
    const stranger = requests.find((request) => request.model !== model.name);
    if (stranger) {
      throw new Error(
        `Cannot answer request ${JSON.stringify(stranger.key)}: it is for ` +
          `${JSON.stringify(stranger.model)}, and this evaluator has ${JSON.stringify(model.name)}`,
      );
    }
    const { done: known, onResponse, onProgress } = options;
    const open = requests.filter(({ key }) => !known?.has(key));
    const signal = anySignal(this.#ended.signal, options.signal);
    let done = requests.length - open.length;
    const report = (detail?: string) =>
      onProgress?.({ label: model.name, done, total: requests.length, unit: "samples", detail });
    report();
    await this.#connection.schedule.each(
      open,
      (request, signals) => this.#answer(request, options, { ...signals, onWait: report }),
      {
        signal,
        deliver: async (request, { text, timedOut, seconds, newTokens }) => {
          await onResponse(request, { text, timedOut, seconds, newTokens });
          done++;
          report(request.key);
        },
      },
    );
  }

  async #answer(
    { key, question, inputType }: EvaluationRequest,
    { maxNewTokens, temperature, timeoutSeconds }: EvaluateOptions,
    signals: RequestSignals,
  ) {
    const { kind } = this.models[0];
    const { chat, schedule } = this.#connection;
    let turn: ChatTurn | undefined;
    return await schedule.run(async (signal) => {
      turn ??= {
        ...await turnParts(questionMessages(question, { kind, inputType })),
        maxTokens: maxNewTokens,
        temperature,
      };
      const purpose = `answer request ${JSON.stringify(key)}`;
      return await chat.ask(turn, { purpose, timeoutSeconds, signal });
    }, signals);
  }

  /** Ends what is under way. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort(
      new DOMException(`Cannot answer: ${this.models[0].name} was released`, "AbortError"),
    );
    return Promise.resolve();
  }
}

/**
 * An evaluator of a model that OpenAI, Anthropic or a server that speaks OpenAI's API serves.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * await using evaluator = createServedEvaluator("gpt-4o", {
 *   baseUrl: "http://localhost:8000/v1",
 *   readVariable: (name) => name === "OPENAI_API_KEY" ? "none" : undefined,
 * });
 * assertEquals(evaluator.models[0].kind, "gpt");
 * ```
 *
 * @param name Name of the model; it says which API serves it unless `api` does.
 * @throws {Error} if the key is not set, the base URL is none, or no API is known for the name.
 */
export function createServedEvaluator(
  name: string,
  { kind = modelKind(name), ...options }: ServedEvaluatorOptions = {},
): ServedEvaluator {
  const connection = connect(name, options);
  const { temperature } = requestRules(name);
  // Who reads the record should see that the stated temperature was not the model's.
  const identity = {
    ...connection.chat.identity,
    ...(temperature ? {} : { temperature: "the model's own" }),
  };
  return new ServedEvaluator({ name, kind, identity }, connection);
}
