import { join } from "node:path";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { withFileLock } from "./lock.ts";

Deno.test("work waits for the lock, says so once, and can be aborted", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, ".locks", "m", "x.lock");
    const events: string[] = [];
    let free = () => {};
    const held = new Promise<void>((resolve) => free = resolve);
    const holds = Promise.withResolvers<void>();
    const first = withFileLock(path, async () => {
      holds.resolve();
      await held;
      events.push("first");
    });
    await holds.promise;
    const waits = Promise.withResolvers<void>();
    const onWait = () => {
      events.push("waits");
      waits.resolve();
    };
    const second = withFileLock(path, () => {
      events.push("second");
      return Promise.resolve(7);
    }, { onWait, pollMs: 1 });
    await waits.promise;
    const aborted = withFileLock(path, () => Promise.reject(new Error("must not run")), {
      signal: AbortSignal.timeout(10),
      pollMs: 10_000,
    });
    await assertRejects(() => aborted, DOMException);
    free();
    assertEquals(await second, 7);
    await first;
    assertEquals(events, ["waits", "first", "second"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const hasPython = await new Deno.Command("python3", { args: ["-c", "import fcntl"] })
  .output().then(({ success }) => success, () => false);

Deno.test("a lock held by flock in another process is seen", { ignore: !hasPython }, async () => {
  const path = await Deno.makeTempFile({ suffix: ".lock" });
  const program = "import fcntl, sys\nf = open(sys.argv[1])\nfcntl.flock(f, fcntl.LOCK_EX)\n" +
    "print('held', flush=True)\nsys.stdin.read()";
  const python = new Deno.Command("python3", {
    args: ["-c", program, path],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  try {
    const reader = python.stdout.getReader();
    await reader.read();
    let waited = false;
    const release = async () => {
      waited = true;
      await python.stdin.close();
    };
    await withFileLock(path, () => Promise.resolve(), { onWait: () => void release(), pollMs: 5 });
    assert(waited);
    await reader.cancel();
  } finally {
    await python.status;
    await Deno.remove(path);
  }
});
