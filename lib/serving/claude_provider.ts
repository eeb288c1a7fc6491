/**
 * Anthropic's messages.
 *
 * @module
 */
import type Anthropic from "@anthropic-ai/sdk";
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
import { requestRules } from "./request_rules.ts";

const text = z.string().nullish();
const stop_reason = z.string().nullish();
const usage = z.looseObject({ output_tokens: z.number().nullish() }).nullish();
const messageSchema = z.looseObject({
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  stop_reason,
  usage,
});
const eventSchema = z.looseObject({
  type: z.string(),
  content_block: z.looseObject({ text }).nullish(),
  delta: z.looseObject({ text, stop_reason }).nullish(),
  usage,
});

const FORMAT: ReplyFormat = {
  event(value) {
    const { content_block, delta, usage } = parseReply(eventSchema, value);
    const text = content_block?.text ?? delta?.text;
    return { text, stop: delta?.stop_reason, newTokens: usage?.output_tokens };
  },
  whole(value) {
    const { content, stop_reason: stop, usage } = parseReply(messageSchema, value);
    const text = content.map((block) => block.type === "text" ? block.text ?? "" : "").join("");
    return { text, stop, newTokens: usage?.output_tokens };
  },
};

function bodyOf({ system, text, png, maxTokens, temperature }: ChatTurn, model: string) {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: png } };
  const content = [...png === null ? [] : [image], { type: "text", text }];
  return {
    model,
    max_tokens: maxTokens,
    messages: [{ role: "user", content }],
    ...(system === null ? {} : { system }),
    ...(requestRules(model).temperature ? { temperature } : {}),
    stream: true,
  };
}

/** Asks Claude models by Anthropic's API. */
export function claudeProvider(endpoint: Endpoint): ChatProvider {
  const { model, baseUrl: baseURL, key } = endpoint;
  let client: Anthropic | undefined;
  return {
    ...endpoint,
    async send(turn, options) {
      const { default: Anthropic } = await import("@anthropic-ai/sdk");
      const apiKey = key.reveal();
      client ??= new Anthropic({ ...SDK_OPTIONS, baseURL, apiKey, openTelemetry: false });
      // Not `messages.create`: for older models it writes a warning to the console with every request.
      const { data, response } = await client.post<AsyncIterable<unknown>>("/v1/messages", {
        body: bodyOf(turn, model),
        stream: true,
        signal: options.signal,
      }).withResponse();
      return await readReply(response, data, { ...FORMAT, ...options });
    },
  };
}
