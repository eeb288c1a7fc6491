/**
 * Reading what an SDK throws.
 *
 * @module
 */
import type { ApiKey } from "./api_key.ts";
import type { ServedFailure } from "./served_error.ts";

/** An answer with status 200 that is not what the API promises. */
export class MalformedReplyError extends Error {
  override readonly name = "MalformedReplyError";
}

/** What both SDKs say of a failed request. */
interface SdkFailure {
  status: number | null;
  headers: Headers | null;
  /** The server's own name of the error. */
  code: string;
  /** The server's words. */
  words: string;
}

/** Longest text of a server that is repeated. */
const WORDS = 400;
/** Errors of this name stay although their status, or a stream without one, says otherwise. */
const LASTING = new Set([
  "authentication_error",
  "billing_error",
  "insufficient_quota",
  "invalid_request_error",
  "not_found_error",
  "permission_error",
]);
const FILTERED = new Set(["content_filter", "content_policy_violation"]);

type Fields = Record<string, unknown>;

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? value as Fields : {};
}

/** The first that is a text, trimmed. */
function firstText(...values: unknown[]): string {
  return values.map((value) => typeof value === "string" ? value.trim() : "").find(Boolean) ?? "";
}

function readSdkError(error: unknown): SdkFailure {
  const { status, headers, error: body, code, type, message } = fields(error);
  // OpenAI's SDK gives the body's `error`, Anthropic's the body.
  const inner = fields(fields(body).error);
  const own = firstText(message).replace(/^\d{3} /, "");
  return {
    status: typeof status === "number" ? status : null,
    headers: headers instanceof Headers ? headers : null,
    code: firstText(code, inner.code, type, inner.type, fields(body).code, fields(body).type),
    words: firstText(inner.message, fields(body).message, own, code, inner.type),
  };
}

/** The words of the innermost cause: the outer ones say "Connection error." only. */
function deepestWords(error: unknown): string {
  let words = "";
  for (let at = error; at instanceof Error; at = at.cause) words = at.message || words;
  return words;
}

function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return line.length > WORDS ? line.slice(0, WORDS) + "..." : line;
}

/** Whether a content filter turned the request away, which is an answer and no failure. */
export function isRefusal(error: unknown): boolean {
  const { status, code, words } = readSdkError(error);
  if (status !== 400) return false;
  // OpenAI's code for prompts that a reasoning model's policy flags, and for broken ones.
  return FILTERED.has(code) || code === "invalid_prompt" && /policy|flagged/i.test(words);
}

/** Whether a request with such an end may succeed later. */
function mayPass(status: number | null): boolean {
  return status === null || [408, 409, 429].includes(status) || status >= 500;
}

function advice({ status, code, words }: SdkFailure, key: ApiKey): string {
  if (code === "insufficient_quota" || code === "billing_error" || status === 402) {
    return `the account of ${key.variable} has no credit: add some, or set another key`;
  }
  switch (status) {
    case 401:
      return `check the key in ${key.variable}`;
    case 403:
      return `the key in ${key.variable} may not use this model: ask for access, or set another key`;
    case 404:
      return "check the model's name and the base URL";
    case 413:
      return "the request is too large for this server";
  }
  if (status !== null && status >= 300 && status < 400) {
    return "redirects are not followed, since they would pass the key on: set the base URL to the " +
      "address itself";
  }
  if (status === null && /dns|resolve|refused|connect/i.test(words)) {
    return "check the base URL and the connection, then run again: answers so far are kept";
  }
  if (mayPass(status)) return "run again later: answers so far are kept";
  return "the server does not take this request: check the model's name and the options";
}

/**
 * The wait that an answer's headers ask for: `retry-after-ms`, which OpenAI sends, else
 * `retry-after` in seconds or as an HTTP date (RFC 9110, section 10.2.3).
 *
 * @param now Time of the answer, in ms since 1970.
 * @returns ms, at least 0; null if the headers do not say, or not so that it can be read.
 */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const number = (text: string | null) =>
    /^\d+(?:\.\d+)?$/.test(text?.trim() ?? "") ? Number(text) : null;
  const exact = number(headers.get("retry-after-ms"));
  if (exact !== null) return exact;
  const text = headers.get("retry-after");
  const seconds = number(text);
  if (seconds !== null) return seconds * 1000;
  // Date.parse takes almost anything; an HTTP date names a weekday and a month.
  if (text === null || !/^[a-z]{3,9},? .*[a-z]{3}.*\d\d:\d\d/i.test(text.trim())) return null;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/**
 * What a failed request comes to: 408, 409, 429, 5xx, dropped connections and answers that cannot be
 * read may pass; everything else stays.
 *
 * @param error What the SDK threw.
 * @param context.task What could not be done.
 */
export function explainFailure(
  error: unknown,
  { task, key }: { task: string; key: ApiKey },
): ServedFailure {
  const read = readSdkError(error);
  const { status, headers } = read;
  let words = read.words;
  if (error instanceof SyntaxError) words = "the server's answer is not valid JSON";
  else if (status === null && !(error instanceof MalformedReplyError) && read.code === "") {
    words = `no answer: ${deepestWords(error)}`;
  }
  const lasts = LASTING.has(read.code) && (status === null || status === 429);
  // Masked before it is shortened: the start of a key is secret too.
  const reason = oneLine(key.redact(status === null ? words : `${status} ${words}`));
  return {
    task: key.redact(task),
    reason,
    advice: advice({ ...read, words }, key),
    status,
    transient: mayPass(status) && !lasts,
    retryAfterMs: headers ? retryAfterMs(headers, Date.now()) : null,
  };
}
