/**
 * OpenAI's chat completions, and servers that speak them.
 *
 * @module
 */
import type OpenAI from "openai";
import { z } from "zod";
import type { ApiKey } from "./api_key.ts";
import type { ChatProvider, ChatTurn, ProviderReply, SendOptions } from "./chat.ts";
import { MalformedReplyError } from "./request_failure.ts";
import { isEventStream, parseReply, type ProviderOptions, SDK_OPTIONS } from "./provider.ts";
import { requestRules } from "./request_rules.ts";

const usageSchema = z.looseObject({ completion_tokens: z.number().nullish() }).nullish();
const wordsSchema = {
  content: z.string().nullish(),
  refusal: z.string().nullish(),
};
const completionSchema = z.looseObject({
  choices: z.array(z.looseObject({
    message: z.looseObject(wordsSchema),
    finish_reason: z.string().nullish(),
  })).min(1),
  usage: usageSchema,
});
const chunkSchema = z.looseObject({
  choices: z.array(z.looseObject({
    delta: z.looseObject(wordsSchema).nullish(),
    finish_reason: z.string().nullish(),
  })).nullish(),
  usage: usageSchema,
});

type Body = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, "stream">;

function bodyOf({ system, text, png, maxTokens, temperature }: ChatTurn, model: string): Body {
  const rules = requestRules(model);
  const content: OpenAI.ChatCompletionUserMessageParam["content"] = png === null ? text : [
    { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } },
    { type: "text", text },
  ];
  return {
    model,
    messages: [
      ...(system === null ? [] : [{ role: "system" as const, content: system }]),
      { role: "user", content },
    ],
    [rules.tokensField]: maxTokens,
    ...(rules.temperature ? { temperature } : {}),
  };
}

/** Where the words of an answer come together. */
interface Words {
  text: string;
  refusal: string;
  finish: string | null;
  newTokens: number | null;
}

function replyOf({ text, refusal, finish, newTokens }: Words): ProviderReply {
  const refused = refusal !== "" || finish === "content_filter";
  return { text: text === "" ? refusal : text, refused, newTokens };
}

async function readStream(
  chunks: AsyncIterable<unknown>,
  { signal, onText }: SendOptions,
): Promise<ProviderReply> {
  const words: Words = { text: "", refusal: "", finish: null, newTokens: null };
  for await (const raw of chunks) {
    const { choices, usage } = parseReply(chunkSchema, raw);
    words.newTokens = usage?.completion_tokens ?? words.newTokens;
    const choice = choices?.[0];
    if (!choice) continue;
    const piece = choice.delta?.content ?? "";
    words.text += piece;
    words.refusal += choice.delta?.refusal ?? "";
    words.finish = choice.finish_reason ?? words.finish;
    onText(piece);
  }
  if (words.finish === null && !signal.aborted) {
    throw new MalformedReplyError("the server's answer broke off before the end");
  }
  return replyOf(words);
}

function readCompletion(json: string): ProviderReply {
  const { choices: [{ message, finish_reason }], usage } = parseReply(
    completionSchema,
    JSON.parse(json),
  );
  if (message.content == null && message.refusal == null && finish_reason == null) {
    throw new MalformedReplyError("the server's answer has neither a content nor a finish_reason");
  }
  return replyOf({
    text: message.content ?? "",
    refusal: message.refusal ?? "",
    finish: finish_reason ?? null,
    newTokens: usage?.completion_tokens ?? null,
  });
}

/** Asks by OpenAI's API. */
export class OpenAIProvider implements ChatProvider {
  readonly provider = "openai";
  readonly model: string;
  readonly baseUrl: string;
  readonly key: ApiKey;
  #client: OpenAI | undefined;

  constructor({ model, baseUrl, key }: ProviderOptions) {
    this.model = model;
    this.baseUrl = baseUrl;
    this.key = key;
  }

  async send(turn: ChatTurn, options: SendOptions): Promise<ProviderReply> {
    const { completions } = (await this.#open()).chat;
    const body = bodyOf(turn, this.model);
    const { signal } = options;
    if (!requestRules(this.model).stream) {
      const response = await completions.create(body, { signal }).asResponse();
      return readCompletion(await response.text());
    }
    const { data, response } = await completions.create(
      { ...body, stream: true, stream_options: { include_usage: true } },
      { signal },
    ).withResponse();
    // Some servers answer whole whatever they are asked for.
    if (!isEventStream(response)) return readCompletion(await response.text());
    return await readStream(data, options);
  }

  async #open(): Promise<OpenAI> {
    const { default: OpenAI } = await import("openai");
    return this.#client ??= new OpenAI({
      ...SDK_OPTIONS,
      baseURL: this.baseUrl,
      apiKey: this.key.reveal(),
      adminAPIKey: null,
    });
  }
}
