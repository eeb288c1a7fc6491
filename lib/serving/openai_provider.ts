/**
 * OpenAI's chat completions, and servers that speak them.
 *
 * @module
 */
import type OpenAI from "openai";
import { z } from "zod";
import {
  type ChatProvider,
  type ChatTurn,
  type Endpoint,
  parseReply,
  readReply,
  type ReplyFormat,
  SDK_OPTIONS,
} from "./provider.ts";
import { MalformedReplyError } from "./request_failure.ts";
import { requestRules } from "./request_rules.ts";

const usage = z.looseObject({ completion_tokens: z.number().nullish() }).nullish();
const words = z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() });
const finish_reason = z.string().nullish();
const completionSchema = z.looseObject({
  choices: z.array(z.looseObject({ message: words, finish_reason })).min(1),
  usage,
});
const chunkSchema = z.looseObject({
  choices: z.array(z.looseObject({ delta: words.nullish(), finish_reason })).nullish(),
  usage,
});

const FORMAT: ReplyFormat = {
  event(value) {
    const { choices, usage } = parseReply(chunkSchema, value);
    const { delta, finish_reason: stop } = choices?.[0] ?? {};
    const newTokens = usage?.completion_tokens;
    return { text: delta?.content, refusal: delta?.refusal, stop, newTokens };
  },
  whole(value) {
    const { choices: [choice], usage } = parseReply(completionSchema, value);
    const { message: { content: text, refusal }, finish_reason: stop } = choice;
    if ((text ?? refusal ?? stop ?? null) === null) {
      const missing = "neither a content nor a finish_reason";
      throw new MalformedReplyError(`the server's answer has ${missing}`);
    }
    return { text, refusal, stop, newTokens: usage?.completion_tokens };
  },
};

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

/** Asks by OpenAI's API. */
export function openaiProvider(endpoint: Endpoint): ChatProvider {
  const { model, baseUrl: baseURL, key } = endpoint;
  let client: OpenAI | undefined;
  return {
    ...endpoint,
    async send(turn, options) {
      const { default: OpenAI } = await import("openai");
      const apiKey = key.reveal();
      client ??= new OpenAI({ ...SDK_OPTIONS, baseURL, apiKey, adminAPIKey: null });
      const { completions } = client.chat;
      const body = bodyOf(turn, model);
      const { signal } = options;
      if (!requestRules(model).stream) {
        const response = await completions.create(body, { signal }).asResponse();
        return await readReply(response, undefined, { ...FORMAT, ...options });
      }
      const { data, response } = await completions.create(
        { ...body, stream: true, stream_options: { include_usage: true } },
        { signal },
      ).withResponse();
      return await readReply(response, data, { ...FORMAT, ...options });
    },
  };
}
