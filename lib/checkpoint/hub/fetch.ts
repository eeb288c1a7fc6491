/**
 * A way to the hub: requests with token and time limit, and errors that say what happened.
 *
 * @module
 */
import { anySignal } from "../../signals.ts";
import { HubError } from "./error.ts";
import { withRetries } from "./retry.ts";
import type { HubSettings } from "./settings.ts";

/** How patiently to ask. */
export interface HubPatience {
  /** Give up on a connection when nothing has arrived for this long, in ms. Default 30000. */
  stallMs?: number;
  /** Waits before further attempts, in ms. Default 1, 2, 4 and 8 s. */
  retryDelaysMs?: readonly number[];
  /** Stops; what has been downloaded stays and is continued by the next run. */
  signal?: AbortSignal;
}

/** A way to the hub. */
export interface Hub extends Required<Pick<HubPatience, "retryDelaysMs">> {
  endpoint: string;
  /**
   * Resolves with successful answers only. Throws {@linkcode HubError}: unreachable, stalled, status,
   * range; and, while the body is read, stalled or interrupted. An abort through `init.signal` throws
   * the signal's reason.
   */
  fetch: typeof fetch;
  /** For short answers: each is read whole, and tried again if it fails in a way that may pass. */
  fetchWhole: typeof fetch;
  signal?: AbortSignal;
}

const MAX_ERROR_TEXT = 300;

/** The innermost reason of a failed fetch: the runtime wraps it in general phrases. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const text = cause instanceof Error ? cause.message : message;
  return text.replace(/^.*?client error \(\w+\): /, "");
}

async function statusError(response: Response, host: string): Promise<HubError> {
  const code = response.headers.get("X-Error-Code") ?? undefined;
  let text = response.headers.get("X-Error-Message") ?? "";
  if (text === "") {
    const body = await response.text().catch(() => "");
    try {
      const { error } = JSON.parse(body) as { error?: unknown };
      if (typeof error === "string") text = error;
    } catch {
      // A page for browsers says nothing that the status does not.
    }
  } else {
    await response.body?.cancel().catch(() => {});
  }
  const says = text === "" ? "" : `: ${text.replace(/\s+/g, " ").slice(0, MAX_ERROR_TEXT)}`;
  return new HubError("status", `${host} answered ${response.status}${says}`, {
    status: response.status,
    code,
  });
}

/** An answer to a range request must start at the byte that was asked for. */
function checkRange(response: Response, range: string | null, host: string) {
  const wanted = /^bytes=(\d+)-/.exec(range ?? "")?.[1];
  if (wanted === undefined) return;
  const given = /^bytes (\d+)-/.exec(response.headers.get("Content-Range") ?? "")?.[1];
  if (response.status !== 206 || given !== wanted) {
    throw new HubError(
      "range",
      `${host} answered ${response.status} from byte ${given ?? 0} when asked to continue ` +
        `from byte ${wanted}`,
    );
  }
}

/** The token goes to no other origin than the endpoint's. */
function createFetch(
  { endpoint, token }: Pick<HubSettings, "endpoint" | "token">,
  stallMs: number,
): typeof fetch {
  const origin = new URL(endpoint).origin;
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers);
    if (token !== null && url.origin === origin) headers.set("Authorization", `Bearer ${token}`);
    // The host that answers: large files come from another one by way of a redirect.
    let { host } = url;
    const stall = new AbortController();
    const inTime = async <T>(kind: "unreachable" | "interrupted", work: () => Promise<T>) => {
      const timer = setTimeout(() => stall.abort(), stallMs);
      try {
        return await work();
      } catch (error) {
        init?.signal?.throwIfAborted();
        if (stall.signal.aborted) {
          const message = `${host} sent nothing for ${stallMs / 1000} s`;
          throw new HubError("stalled", message, { cause: error });
        }
        if (!(error instanceof TypeError)) throw error;
        const what = kind === "unreachable" ? "cannot be reached" : "broke off its answer";
        const message = `${host} ${what} (${reasonOf(error)})`;
        throw new HubError(kind, message, { cause: error });
      } finally {
        clearTimeout(timer);
      }
    };
    const signal = anySignal(stall.signal, init?.signal ?? undefined);
    const response = await inTime("unreachable", () => fetch(url, { ...init, headers, signal }));
    host = (URL.parse(response.url) ?? url).host;
    try {
      if (!response.ok) throw await inTime("interrupted", () => statusError(response, host));
      checkRange(response, headers.get("Range"), host);
    } catch (error) {
      stall.abort();
      throw error;
    }
    const reader = response.body?.getReader();
    const body = reader && new ReadableStream({
      // Timed only while the network is waited for: a slow consumer is not a stalled connection.
      async pull(controller) {
        const { done, value } = await inTime("interrupted", () => reader.read());
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
    const { status, statusText } = response;
    return new Response(body, { status, statusText, headers: response.headers });
  };
}

/** Opens a way to the hub; sends nothing yet. */
export function openHub(
  settings: Pick<HubSettings, "endpoint" | "token">,
  { stallMs = 30_000, retryDelaysMs = [1000, 2000, 4000, 8000], signal }: HubPatience = {},
): Hub {
  const fetch = createFetch(settings, stallMs);
  const fetchWhole: typeof fetch = (input, init) =>
    withRetries(async () => {
      const response = await fetch(input, { ...init, signal });
      const { status, headers } = response;
      return new Response(await response.arrayBuffer(), { status, headers });
    }, { delaysMs: retryDelaysMs, signal });
  return { endpoint: settings.endpoint, fetch, fetchWhole, retryDelaysMs, signal };
}
