import { assert, assertEquals, assertRejects } from "@std/assert";
import type { PoolTask } from "./testing/pool_worker.ts";
import { mapInWorkers } from "./worker_pool.ts";

const MODULE = new URL("./testing/pool_worker.ts", import.meta.url);

const run = (tasks: PoolTask[], options: Parameters<typeof mapInWorkers<PoolTask, number>>[2]) =>
  mapInWorkers<PoolTask, number>(MODULE, tasks, options);

/** Two tasks that never end by themselves, and what they count. */
function busy(): { tasks: PoolTask[]; counts: Int32Array[] } {
  const memory = [new SharedArrayBuffer(4), new SharedArrayBuffer(4)];
  return {
    tasks: memory.map((count) => ({ count })),
    counts: memory.map((count) => new Int32Array(count)),
  };
}

async function assertStill(counts: Int32Array[]) {
  const before = counts.map(([count]) => count);
  assert(before.every((count) => count > 0), "the tasks were at work");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(counts.map(([count]) => count), before, "a worker is still busy");
}

Deno.test("results come in the order of the tasks, by any number of workers", async () => {
  const numbers = Array.from({ length: 20 }, (_, i) => i);
  for (const workers of [1, 3, 50]) {
    const heard = new Set<number>();
    const results = await run(numbers.map((square) => ({ square })), {
      workers,
      onResult: (_, index) => heard.add(index),
    });
    assertEquals(results, numbers.map((n) => n ** 2));
    assertEquals(heard.size, 20);
  }
  assertEquals(await run([], { workers: 2 }), []);
});

Deno.test("after a failure no worker is busy, and the first error is told", async () => {
  const { tasks, counts } = busy();
  const fail: PoolTask = { fail: "task is damaged", after: counts[1].buffer as SharedArrayBuffer };
  // The last task is never begun.
  const all = [...tasks, fail, { fail: "never", after: new SharedArrayBuffer(4) }];
  await assertRejects(() => run(all, { workers: 3 }), Error, "task is damaged");
  await assertStill(counts.filter(([count]) => count > 0));
});

Deno.test("after an abort no worker is busy, and the reason is told", async () => {
  const { tasks, counts } = busy();
  const stop = new AbortController();
  const running = run(tasks, { workers: 2, signal: stop.signal });
  const started = setInterval(() => {
    if (counts.every(([count]) => count > 0)) stop.abort(new Error("asked to stop"));
  }, 5);
  await assertRejects(() => running, Error, "asked to stop");
  clearInterval(started);
  await assertStill(counts);
  await assertRejects(() => run(tasks, { workers: 2, signal: stop.signal }), Error, "asked");
});

Deno.test("an error of who listens ends the work too", async () => {
  const { tasks, counts } = busy();
  const onResult = () => {
    throw new Error("the disk is full");
  };
  await assertRejects(
    () => run([{ square: 1 }, ...tasks], { workers: 2, onResult }),
    Error,
    "the disk is full",
  );
  const working = counts.filter(([count]) => count > 0);
  if (working.length > 0) await assertStill(working);
});

Deno.test("a module that does not load is an error", async () => {
  const missing = new URL("./testing/no_such_worker.ts", import.meta.url);
  await assertRejects(() => mapInWorkers(missing, [1, 2], { workers: 2 }), Error, "no_such_worker");
});
