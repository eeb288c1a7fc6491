/**
 * Anthropic's messages.
 *
 * @module
 */
import type Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import type { ApiKey } from "./api_key.ts";
import type { ChatProvider, ChatTurn, ProviderReply, SendOptions } from "./chat.ts";
import { isEventStream, parseReply, type ProviderOptions, SDK_OPTIONS } from "./provider.ts";
import { MalformedReplyError } from "./request_failure.ts";
import { requestRules } from "./request_rules.ts";

const usageSchema = z.looseObject({ output_tokens: z.number().nullish() }).nullish();
const messageSchema = z.looseObject({
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  stop_reason: z.string().nullish(),
  usage: usageSchema,
});
const eventSchema = z.looseObject({
  type: z.string(),
  content_block: z.looseObject({ text: z.string().nullish() }).nullish(),
  delta: z.looseObject({ text: z.string().nullish(), stop_reason: z.string().nullish() }).nullish(),
  usage: usageSchema,
});

function bodyOf({ system, text, png, maxTokens, temperature }: ChatTurn, model: string) {
  const words = { type: "text" as const, text };
  const image = (data: string) => ({
    type: "image" as const,
    source: { type: "base64" as const, media_type: "image/png" as const, data },
  });
  return {
    model,
    max_tokens: maxTokens,
    messages: [{ role: "user" as const, content: png === null ? [words] : [image(png), words] }],
    ...(system === null ? {} : { system }),
    ...(requestRules(model).temperature ? { temperature } : {}),
    stream: true as const,
  };
}

async function readStream(
  events: AsyncIterable<unknown>,
  { signal, onText }: SendOptions,
): Promise<ProviderReply> {
  let text = "";
  let stop: string | null = null;
  let newTokens: number | null = null;
  for await (const raw of events) {
    const { content_block, delta, usage } = parseReply(eventSchema, raw);
    const piece = content_block?.text ?? delta?.text ?? "";
    text += piece;
    stop = delta?.stop_reason ?? stop;
    newTokens = usage?.output_tokens ?? newTokens;
    onText(piece);
  }
  if (stop === null && !signal.aborted) {
    throw new MalformedReplyError("the server's answer broke off before the end");
  }
  return { text, refused: stop === "refusal", newTokens };
}

function readMessage(json: string): ProviderReply {
  const { content, stop_reason, usage } = parseReply(messageSchema, JSON.parse(json));
  const text = content.map((block) => block.type === "text" ? block.text ?? "" : "").join("");
  return { text, refused: stop_reason === "refusal", newTokens: usage?.output_tokens ?? null };
}

/** Asks Claude models by Anthropic's API. */
export class ClaudeProvider implements ChatProvider {
  readonly provider = "anthropic";
  readonly model: string;
  readonly baseUrl: string;
  readonly key: ApiKey;
  #client: Anthropic | undefined;

  constructor({ model, baseUrl, key }: ProviderOptions) {
    this.model = model;
    this.baseUrl = baseUrl;
    this.key = key;
  }

  async send(turn: ChatTurn, options: SendOptions): Promise<ProviderReply> {
    const client = await this.#open();
    // Not `messages.create`: for older models it writes a warning to the console with every request.
    const { data, response } = await client.post<AsyncIterable<unknown>>("/v1/messages", {
      body: bodyOf(turn, this.model),
      stream: true,
      signal: options.signal,
    }).withResponse();
    if (!isEventStream(response)) return readMessage(await response.text());
    return await readStream(data, options);
  }

  async #open(): Promise<Anthropic> {
    const { default: Anthropic } = await import("@anthropic-ai/sdk");
    return this.#client ??= new Anthropic({
      ...SDK_OPTIONS,
      baseURL: this.baseUrl,
      apiKey: this.key.reveal(),
      openTelemetry: false,
    });
  }
}
