/**
 * The APIs of served models: what they are asked and answer, and reading their answers.
 *
 * @module
 */
import type { z } from "zod";
import type { ApiKey } from "./api_key.ts";
import { MalformedReplyError } from "./request_failure.ts";

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

export type ServedApi = "openai" | "anthropic";

/** Where a model is served. */
export interface Endpoint {
  api: ServedApi;
  /** Name of the model as it is asked for. */
  model: string;
  baseUrl: string;
  key: ApiKey;
}

/** An API of served models; one attempt a call. */
export interface ChatProvider extends Endpoint {
  /** @throws Whatever the SDK throws. */
  send(turn: ChatTurn, options: SendOptions): Promise<ProviderReply>;
}

/** Options of both SDKs' clients. */
export const SDK_OPTIONS = {
  /** Repetitions are the schedule's. */
  maxRetries: 0,
  /** Deadlines are ours, and cover the body as well; this is the longest that a timer can wait. */
  timeout: 2 ** 31 - 1,
  /** The SDKs' own log shows whole requests at some levels. */
  logLevel: "off",
  /** A redirect would pass the key on to another host. */
  fetchOptions: { redirect: "manual" },
} as const;

/** Why an answer ended, in either API's word, where the model or a filter refused. */
const REFUSED: readonly unknown[] = ["content_filter", "refusal"];

/** An answer, or a piece of one that comes as a stream. */
export interface Piece {
  text?: string | null;
  /** Words that an API gives apart from the answer's. */
  refusal?: string | null;
  /** Why the answer ended. */
  stop?: string | null;
  newTokens?: number | null;
}

/** How an API's answers are read. */
export interface ReplyFormat {
  /** An event of a stream. */
  event: (value: unknown) => Piece;
  /** A whole answer. */
  whole: (value: unknown) => Piece;
}

/**
 * Puts an answer together.
 *
 * @param events Of the response, if it was asked for as a stream.
 * @throws {MalformedReplyError} if a stream broke off.
 */
export async function readReply(
  response: Response,
  events: AsyncIterable<unknown> | undefined,
  { event, whole, signal, onText }: ReplyFormat & SendOptions,
): Promise<ProviderReply> {
  let [text, refusal] = ["", ""];
  let stop: string | null = null;
  let newTokens: number | null = null;
  const add = (piece: Piece) => {
    text += piece.text ?? "";
    refusal += piece.refusal ?? "";
    stop = piece.stop ?? stop;
    newTokens = piece.newTokens ?? newTokens;
    onText(piece.text ?? "");
  };
  // Some servers answer whole whatever they are asked for.
  if (events && response.headers.get("content-type")?.includes("text/event-stream")) {
    for await (const value of events) add(event(value));
    if (stop === null && !signal.aborted) {
      throw new MalformedReplyError("the server's answer broke off before the end");
    }
  } else {
    add(whole(JSON.parse(await response.text())));
  }
  return { text: text || refusal, refused: refusal !== "" || REFUSED.includes(stop), newTokens };
}

/**
 * Checks an answer.
 *
 * @throws {MalformedReplyError} that names what is missing, and repeats an error's words.
 */
export function parseReply<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { error } = (value ?? {}) as { error?: { message?: unknown } | null };
  if (typeof error?.message === "string") throw new MalformedReplyError(error.message);
  const [{ path, message }] = result.error.issues;
  throw new MalformedReplyError(
    `the server's answer is malformed at ${path.join(".") || "its top"}: ${message}`,
  );
}
