import { assertEquals, assertRejects } from "@std/assert";
import { explainHubFailure, HubError, isDiskFull } from "./error.ts";
import { withRetries } from "./retry.ts";
import { readHubSettings } from "./settings.ts";

const stalled = () => new HubError("stalled", "nothing came");

Deno.test("attempts end when the waits are used up, and start anew after progress", async () => {
  let calls = 0;
  const fails = () => {
    calls++;
    return Promise.reject(stalled());
  };
  await assertRejects(() => withRetries(fails, { delaysMs: [0, 0] }), HubError);
  assertEquals(calls, 3);
  calls = 0;
  // Five attempts bring something, then two do not.
  await assertRejects(
    () => withRetries(fails, { delaysMs: [0, 0], progress: () => Math.min(calls, 5) }),
    HubError,
  );
  assertEquals(calls, 7);
});

Deno.test("failures that stay are not tried again, and an abort ends the waiting", async () => {
  let calls = 0;
  const work = (error: unknown) => () => {
    calls++;
    return Promise.reject(error);
  };
  for (const status of [400, 401, 403, 404, 416]) {
    const error = new HubError("status", "no", { status });
    await assertRejects(() => withRetries(work(error), { delaysMs: [0] }), HubError);
  }
  await assertRejects(() => withRetries(work(new RangeError("x")), { delaysMs: [0] }), RangeError);
  assertEquals(calls, 6);
  const signal = AbortSignal.timeout(10);
  const options = { delaysMs: [100_000], signal };
  await assertRejects(() => withRetries(work(stalled()), options), DOMException);
  assertEquals(calls, 7);
});

Deno.test("a full disk is named", { ignore: Deno.build.os !== "linux" }, () => {
  using full = Deno.openSync("/dev/full", { write: true });
  let error: unknown;
  try {
    full.writeSync(new Uint8Array(1));
  } catch (thrown) {
    error = thrown;
  }
  assertEquals(isDiskFull(error), true);
  const settings = readHubSettings({ cacheDir: "/c", env: { HOME: "/h" } });
  const reference = { repo: "org/name", revision: "main" };
  assertEquals(
    explainHubFailure(error, reference, settings),
    "the disk that holds /c is full; free some space, or set HF_HOME to a folder on a larger " +
      "disk; what has arrived is kept",
  );
});
