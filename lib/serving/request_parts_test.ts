import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ApiKey } from "./api_key.ts";
import { withDeadline } from "./chat.ts";
import { connect } from "./connect.ts";
import { explainFailure, retryAfterMs } from "./request_failure.ts";
import { requestRules } from "./request_rules.ts";

Deno.test("Retry-After: seconds, ms, dates, and what cannot be read", () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const read = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), now);
  assertEquals(read({ "retry-after": "20" }), 20_000);
  assertEquals(read({ "retry-after": "0" }), 0);
  assertEquals(read({ "retry-after-ms": "250", "retry-after": "1" }), 250);
  assertEquals(read({ "retry-after": "Fri, 02 Jan 2026 03:04:35 GMT" }), 30_000);
  assertEquals(read({ "retry-after": "Friday, 02-Jan-26 03:05:05 GMT" }), 60_000);
  assertEquals(read({ "retry-after": "Thu, 01 Jan 2026 00:00:00 GMT" }), 0);
  for (
    const text of ["", "-1", "soon", "1e9", "NaN", "Jan 7", "Fri, 99 Foo 2026 03:04:35"]
  ) {
    assertEquals(read({ "retry-after": text }), null, text);
  }
  assertEquals(read({}), null);
});

Deno.test("which models take a temperature, and how their limit of tokens is called", () => {
  const temperature = (name: string) => requestRules(name).temperature;
  for (
    const name of [
      "gpt-4o-mini",
      "gpt-4.1",
      "openai/gpt-4o",
      "chatgpt-4o-latest",
      "claude-3-5-sonnet-20241022",
      "claude-opus-4-20250514",
      "claude-opus-4-1-20250805",
      "claude-sonnet-4-5",
      "anthropic/claude-sonnet-4.6",
      "claude-haiku-4-5@20251001",
      "Qwen/Qwen2.5-VL-7B-Instruct",
    ]
  ) assert(temperature(name), name);
  for (
    const name of [
      "o1",
      "o3-mini",
      "openai/o4-mini",
      "gpt-5",
      "gpt-5.2-chat-latest",
      "gpt-10",
      "claude-opus-4-7",
      "claude-opus-4.8",
      "claude-opus-4-10",
      "claude-sonnet-5",
      "claude-opus-5-5",
    ]
  ) assert(!temperature(name), name);
  assertEquals(requestRules("gpt-4o").tokensField, "max_tokens");
  assertEquals(requestRules("GPT-5-mini").tokensField, "max_completion_tokens");
});

Deno.test("a key is masked wherever it may print, and is not taken from an option", () => {
  const secret = 'sk-a/b"c+d';
  const key = ApiKey.read("SOME_KEY", (name) => name === "SOME_KEY" ? ` ${secret}\n` : undefined);
  assertEquals(key.reveal(), secret);
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret)].join(" and ");
  assertEquals(key.redact(forms), '[key] and [key] and "[key]"');
  for (const shown of [String(key), `${JSON.stringify({ key })}`, Deno.inspect({ key })]) {
    assert(!shown.includes("sk-"), shown);
  }
  const none = (name: string) => assertThrows(() => ApiKey.read(name, () => undefined)).message;
  assert(none("OPENAI_API_KEY").includes("variable OPENAI_API_KEY is not set"));
  for (const name of ["sk-secret", "gsk_secret", "Bearer x", ""]) {
    const message = none(name);
    assert(message.includes("name the variable") && !message.includes("secret"), message);
  }
  const broken = assertThrows(() => ApiKey.read("K", () => "sk-secret two"));
  assert(broken.message.includes("value of K") && !broken.message.includes("secret"));
  // What servers that need no key are given is no secret.
  assertEquals(ApiKey.read("K", () => "EMPTY").redact("an EMPTY set"), "an EMPTY set");
});

Deno.test("base URLs that are none, or hold secrets, are refused without repeating them", () => {
  const readVariable = (name: string) => name.endsWith("KEY") ? "sk-123456" : undefined;
  const refused = (baseUrl: string) =>
    assertThrows(() => connect("gpt-4o", { baseUrl, readVariable })).message;
  assert(refused("localhost:8000").includes("does not begin with http"));
  for (const url of ["http://me:secret@host/v1", "https://host/v1?key=secret"]) {
    const message = refused(url);
    assert(message.includes("would show") && !message.includes("secret"), message);
  }
  const identity = (model: string, baseUrl?: string) =>
    connect(model, { baseUrl, readVariable }).chat.identity;
  assertEquals(identity("openai/gpt-4o"), {
    provider: "openai",
    model: "gpt-4o",
    base_url: "https://api.openai.com/v1",
  });
  assertEquals(identity("openai/gpt-4o", "https://router/v1/").model, "openai/gpt-4o");
  assertEquals(identity("anthropic/claude-opus-4-5").base_url, "https://api.anthropic.com");
});

Deno.test("a server's words are masked, then shortened, in one line", () => {
  const key = ApiKey.read("K", () => "sk-0123456789");
  const error = Object.assign(new Error("x"), {
    status: 401,
    error: { message: `no\n\x1b[31m${"a".repeat(396)}sk-0123456789 and more` },
  });
  const { reason, transient } = explainFailure(error, { task: "ask", key });
  assertEquals(transient, false);
  assert(!reason.includes("sk-") && !reason.includes("\x1b") && !reason.includes("\n"), reason);
  assert(reason.startsWith("401 no [31maaa") && reason.endsWith("..."), reason);
});

Deno.test("a deadline ends work, tells it apart from failures, and leaves no timer", async () => {
  const sleeps = (signal: AbortSignal) =>
    new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  assertEquals(await withDeadline(sleeps, { seconds: 0.01 }), null);
  const fails = () => Promise.reject(new Error("broken"));
  await assertRejects(() => withDeadline(fails, { seconds: 1e9 }), Error, "broken");
  const controller = new AbortController();
  const running = withDeadline(sleeps, { seconds: Infinity, signal: controller.signal });
  controller.abort(new Error("enough"));
  assertEquals((await assertRejects(() => running)).message, "enough");
  await assertRejects(() => withDeadline(sleeps, { seconds: 0 }), RangeError, "above 0");
});
