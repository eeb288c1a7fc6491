/**
 * A server on the loopback interface that speaks as much of OpenAI's and Anthropic's API as the
 * tests need, and fails as they wish.
 *
 * @module
 */

/** Which API is faked. */
export type FakedApi = "openai" | "anthropic";

/** A request as it came. */
export interface FakeCall {
  api: FakedApi;
  path: string;
  headers: Headers;
  body: Record<string, unknown>;
  /** Text of the user's turn. */
  text: string;
  /** Base64 of its image; null if it has none. */
  png: string | null;
  /** How often this text was asked before. */
  attempt: number;
  /** Aborted when the server is closed. */
  closed: AbortSignal;
}

/** Decides what a request is answered. */
export type FakeScript = (call: FakeCall) => Response | Promise<Response>;

type Part = { type: string; text?: string; image_url?: { url: string }; source?: { data: string } };

function partsOf(body: Record<string, unknown>): Part[] {
  const messages = body.messages as { role: string; content: string | Part[] }[];
  const { content } = messages.find(({ role }) => role === "user")!;
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** The server. */
export class FakeApi implements AsyncDisposable {
  readonly calls: FakeCall[] = [];
  /** Most requests that were open at a time. */
  mostAtATime = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #closed = new AbortController();
  #open = 0;

  constructor(script: FakeScript) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {}, onError: () => new Response("", { status: 500 }) },
      async (request) => {
        this.#open++;
        this.mostAtATime = Math.max(this.mostAtATime, this.#open);
        try {
          const body = await request.json();
          const parts = partsOf(body);
          const text = parts.find((part) => part.type === "text")!.text!;
          const image = parts.find((part) => part.type !== "text");
          const { pathname } = new URL(request.url);
          const call: FakeCall = {
            api: pathname.endsWith("/messages") ? "anthropic" : "openai",
            path: pathname,
            headers: request.headers,
            body,
            text,
            png: image?.source?.data ?? image?.image_url?.url ?? null,
            attempt: this.calls.filter((earlier) => earlier.text === text).length,
            closed: this.#closed.signal,
          };
          this.calls.push(call);
          return await script(call);
        } finally {
          this.#open--;
        }
      },
    );
  }

  /** Without a path. */
  get origin(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose]() {
    this.#closed.abort();
    await this.#server.shutdown();
  }
}

function json(value: unknown, init?: ResponseInit): Response {
  return Response.json(value, init);
}

/** Words of an answer, by API and in one piece. */
export function whole(api: FakedApi, text: string | null, finish?: string): Response {
  return api === "openai"
    ? json({
      choices: [{ message: { content: text }, finish_reason: finish ?? "stop" }],
      usage: { completion_tokens: 5 },
    })
    : json({
      content: text === null ? [] : [{ type: "thinking", thinking: "hm" }, { type: "text", text }],
      stop_reason: finish ?? "end_turn",
      usage: { output_tokens: 5 },
    });
}

/** Server-sent events of an answer, two characters each. */
export function events(api: FakedApi, text: string, finish?: string): string[] {
  const pieces = text.match(/[^]{1,2}/g) ?? [];
  if (api === "openai") {
    return [
      ...pieces.map((content) => ({ choices: [{ delta: { content }, finish_reason: null }] })),
      { choices: [{ delta: {}, finish_reason: finish ?? "stop" }] },
      { choices: [], usage: { completion_tokens: 5 } },
    ].map((event) => `data: ${JSON.stringify(event)}\n\n`).concat("data: [DONE]\n\n");
  }
  return [
    { type: "message_start", message: { content: [], usage: { output_tokens: 1 } } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "ping" },
    ...pieces.map((text) => ({
      type: "content_block_delta",
      index: 0,
      delta: { type: "text_delta", text },
    })),
    { type: "content_block_stop", index: 0 },
    {
      type: "message_delta",
      delta: { stop_reason: finish ?? "end_turn" },
      usage: { output_tokens: 5 },
    },
    { type: "message_stop" },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

/** What becomes of a stream after its pieces. */
export type StreamEnd = "close" | "drop" | "hang";

/** A stream of pieces, which then ends, breaks off, or says nothing more. */
export function stream(
  pieces: readonly string[],
  { end = "close", type = "text/event-stream" }: { end?: StreamEnd; type?: string } = {},
): Response {
  const encoder = new TextEncoder();
  const queue = pieces.values();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = queue.next();
      if (!next.done) return controller.enqueue(encoder.encode(next.value));
      if (end === "close") controller.close();
      // The pieces must have been sent before the connection is cut.
      else if (end === "drop") {
        await new Promise((resolve) => setTimeout(resolve, 5));
        controller.error(new Error("dropped"));
      } else await new Promise(() => {});
    },
  });
  return new Response(body, { headers: { "content-type": type } });
}

/** The answer of a server that works. */
export function answer({ api, body }: FakeCall, text: string, finish?: string): Response {
  return body.stream ? stream(events(api, text, finish)) : whole(api, text, finish);
}

/** An error as the API words it. */
export function failure(
  api: FakedApi,
  status: number,
  { message = "the server's words", code = "some_error", headers = {} }: {
    message?: string;
    code?: string;
    headers?: Record<string, string>;
  } = {},
): Response {
  const body = api === "openai"
    ? { error: { message, code, type: "invalid" } }
    : { type: "error", error: { type: code, message } };
  return json(body, { status, headers });
}

/** Does not answer before the server is closed. */
export function never({ closed }: FakeCall): Promise<Response> {
  return new Promise((resolve) => {
    closed.addEventListener("abort", () => resolve(new Response(null, { status: 503 })));
  });
}
