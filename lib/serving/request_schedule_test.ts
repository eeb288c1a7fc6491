import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { RequestSchedule, type RequestSignals } from "./request_schedule.ts";
import { ServedModelError } from "./served_error.ts";
import { TestClock } from "./testdata/test_clock.ts";

function failed(retryAfterMs: number | null = null, transient = true): ServedModelError {
  const words = { task: "do it", reason: "it failed", advice: "wait" };
  return new ServedModelError({ ...words, status: 429, transient, retryAfterMs });
}

/** Work that fails so often and then gives its number of attempts. */
function failing(times: number, error = failed()): () => Promise<number> {
  let attempts = 0;
  return () => ++attempts > times ? Promise.resolve(attempts) : Promise.reject(error);
}

/** A promise to be settled later, and a count of those who wait. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, open: () => resolve() };
}

const turns = async (count = 20) => {
  for (let i = 0; i < count; i++) await Promise.resolve();
};

Deno.test("waits double up to the longest, with at least half of it and at most all", async () => {
  for (const [chance, share] of [[0, 0.5], [1, 1]]) {
    const clock = new TestClock(chance);
    const schedule = new RequestSchedule({ clock, longestDelayMs: 5000 });
    assertEquals(await schedule.run(failing(5)), 6);
    assertEquals(clock.sleeps, [1000, 2000, 4000, 5000, 5000].map((ms) => ms * share));
  }
});

Deno.test("attempts end with the last error and their number", async () => {
  const schedule = new RequestSchedule({ clock: new TestClock(), retries: 2 });
  const details: string[] = [];
  const error = await assertRejects(
    () => schedule.run(failing(3), { onWait: (detail) => details.push(detail) }),
    ServedModelError,
  );
  assertEquals(error.message, "Cannot do it: it failed (attempt 3 of 3); wait");
  assertEquals([error.status, error.transient], [429, false]);
  assertEquals(details, ["again in 1 s: it failed", "again in 2 s: it failed"]);
  assertEquals(await schedule.run(failing(2)), 3);
});

Deno.test("what stays is not tried again", async () => {
  const clock = new TestClock();
  const schedule = new RequestSchedule({ clock });
  for (const error of [failed(null, false), new TypeError("a fault of ours")]) {
    assertEquals(
      await assertRejects(() => schedule.run(failing(1, error as ServedModelError))),
      error,
    );
  }
  assertEquals(clock.sleeps, []);
});

Deno.test("a server that asks to wait is obeyed, by all requests", async () => {
  const clock = new TestClock(0);
  const schedule = new RequestSchedule({ clock, concurrency: 2 });
  const starts: number[] = [];
  const begun = clock.now();
  const note = () => Promise.resolve(starts.push(clock.now() - begun));
  // The second begins while the first waits.
  const first = schedule.run(failing(1, failed(30_000)));
  await turns();
  await Promise.all([first, schedule.run(note)]);
  assertEquals(starts, [30_000]);
  assertEquals(clock.now() - begun, 30_000);
  await assertRejects(
    () => schedule.run(failing(1, failed(3_600_000))),
    ServedModelError,
    "it failed (the server asks to wait 3600 s, longer than 600 s); wait",
  );
});

Deno.test("requests a minute are spaced, repetitions too", async () => {
  const clock = new TestClock();
  const schedule = new RequestSchedule({ clock, requestsPerMinute: 30, firstDelayMs: 1 });
  const starts: number[] = [];
  const note = async (work: () => Promise<unknown>) => {
    starts.push(clock.now() - 1_000_000);
    await work();
  };
  const again = failing(1);
  const works = [() => Promise.resolve(), () => Promise.resolve(), again, () => Promise.resolve()];
  await Promise.all(works.map((work) => schedule.run(() => note(work))));
  assertEquals(starts.length, 5);
  starts.reduce((a, b) => (assert(b - a >= 2000, String(starts)), b));
});

Deno.test("so many at a time, in the order of asking", async () => {
  const schedule = new RequestSchedule({ concurrency: 2 });
  const gates = [gate(), gate(), gate(), gate()];
  const begun: number[] = [];
  const runs = gates.map(({ promise }, i) =>
    schedule.run(() => {
      begun.push(i);
      return promise;
    })
  );
  await turns();
  assertEquals(begun, [0, 1]);
  gates[1].open();
  await turns();
  assertEquals(begun, [0, 1, 2]);
  gates.forEach(({ open }) => open());
  await Promise.all(runs);
  assertEquals(begun, [0, 1, 2, 3]);
});

Deno.test("an abort ends waiting for a place and for a repetition, and frees both", async () => {
  const schedule = new RequestSchedule({ concurrency: 1, firstDelayMs: 1_000_000 });
  const { promise, open } = gate();
  const first = schedule.run(() => promise);
  const waiting = new AbortController();
  const second = schedule.run(() => Promise.resolve(), { signal: waiting.signal });
  waiting.abort(new Error("enough"));
  assertEquals((await assertRejects(() => second)).message, "enough");
  open();
  await first;
  const repeating = new AbortController();
  const third = schedule.run(failing(1), { signal: repeating.signal });
  await turns();
  repeating.abort(new Error("enough again"));
  assertEquals((await assertRejects(() => third)).message, "enough again");
  assertEquals(await schedule.run(() => Promise.resolve(7)), 7);
});

Deno.test("after a failure nothing begins, and what is under way may finish for a while", async () => {
  const begun: string[] = [];
  const delivered: string[] = [];
  const schedule = new RequestSchedule({ concurrency: 3, graceMs: 20 });
  const ask = (item: string, signals: RequestSignals) =>
    schedule.run(async (signal) => {
      begun.push(item);
      if (item === "fails") throw failed(null, false);
      await new Promise<void>((resolve, reject) => {
        const timer = item === "slow" ? undefined : setTimeout(resolve, 5);
        signal!.addEventListener("abort", () => {
          clearTimeout(timer);
          reject(signal!.reason);
        });
      });
      return item;
    }, signals);
  const deliver = (item: string) => void delivered.push(item);
  const items = ["slow", "quick", "fails", "never begun"];
  await assertRejects(() => schedule.each(items, ask, { deliver }), ServedModelError, "it failed");
  assertEquals([begun, delivered], [["slow", "quick", "fails"], ["quick"]]);
});

Deno.test("each result is delivered once, one at a time, whatever fails in between", async () => {
  const failures = fc.array(fc.nat({ max: 3 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(failures, fc.integer({ min: 1, max: 5 }), async (times, concurrency) => {
      const schedule = new RequestSchedule({ clock: new TestClock(), concurrency });
      const works = times.map((count) => failing(count));
      const delivered: [number, number][] = [];
      let delivering = 0;
      let underWay = 0;
      await schedule.each(
        times.map((_, i) => i),
        (i, signals) =>
          schedule.run(async () => {
            assert(++underWay <= concurrency);
            await turns(i % 3);
            underWay--;
            return await works[i]();
          }, signals),
        {
          deliver: async (i, attempts) => {
            assertEquals(++delivering, 1);
            await turns(2);
            delivered.push([i, attempts]);
            delivering--;
          },
        },
      );
      assertEquals(delivered.sort(([a], [b]) => a - b), times.map((count, i) => [i, count + 1]));
    }),
    { numRuns: 50 },
  );
});

Deno.test("options out of range are named", () => {
  assertThrows(() => new RequestSchedule({ concurrency: 0 }), RangeError, "0 requests at a time");
  assertThrows(() => new RequestSchedule({ retries: -1 }), RangeError, "-1 times");
  assertThrows(() => new RequestSchedule({ requestsPerMinute: 0 }), RangeError, "0 requests a");
});
