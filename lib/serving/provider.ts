/**
 * What the providers share.
 *
 * @module
 */
import type { z } from "zod";
import type { ApiKey } from "./api_key.ts";
import { MalformedReplyError } from "./request_failure.ts";

/** Options of a provider. */
export interface ProviderOptions {
  /** Name of the model as it is asked for. */
  model: string;
  baseUrl: string;
  key: ApiKey;
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

/** Whether an answer comes in pieces. */
export function isEventStream(response: Response): boolean {
  return response.headers.get("content-type")?.includes("text/event-stream") ?? false;
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
