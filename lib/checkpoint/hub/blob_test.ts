import { join } from "node:path";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { downloadBlob } from "./blob.ts";
import { resolveModel } from "../resolve_model.ts";
import { COMMIT, REPO, SHARD_BYTES, textFile } from "./testdata/fake_server.ts";
import { incompleteBlobs, singleFiles, until, withHub } from "./testdata/test_tools.ts";

const WEIGHTS = "model.safetensors";
const CUT = 100_000;

function sizeOf(path: string): number {
  return Deno.statSync(path).size;
}

Deno.test("a download that breaks off continues where it stopped in the next run", () =>
  withHub(async ({ hub, cacheDir, options }) => {
    hub.commits[COMMIT] = singleFiles();
    hub.fault = { kind: "cut", bytes: CUT };
    const error = await assertRejects(() => resolveModel(REPO, options));
    assertStringIncludes(error.message, `${WEIGHTS}: localhost:`);
    assertStringIncludes(
      error.message,
      "Run the same command again (a download continues where it stopped)",
    );
    const [incomplete] = incompleteBlobs(cacheDir);
    const kept = sizeOf(incomplete);
    assert(kept > 0 && kept <= CUT, `${kept} bytes were kept`);
    const served = hub.bytesServed;
    const done: number[] = [];
    const onProgress = (event: { done: number }) => done.push(event.done);
    const { folder } = await resolveModel(REPO, { ...options, onProgress });
    assertEquals(hub.bytesServed - served, SHARD_BYTES - kept);
    assert(hub.requests.at(-1)!.endsWith(` bytes=${kept}-${SHARD_BYTES - 1}`));
    assertEquals(done[0], kept + "{}".length, "what was there before counts as done");
    assertEquals(Deno.readFileSync(join(folder, WEIGHTS)), singleFiles()[WEIGHTS].bytes);
    assertEquals(incompleteBlobs(cacheDir), []);
  }));

Deno.test("a connection that breaks off or stands still is taken up again in the same run", () =>
  withHub(async ({ hub, options }) => {
    hub.commits[COMMIT] = singleFiles();
    for (const kind of ["cut", "stall"] as const) {
      hub.fault = { kind, bytes: CUT };
      const served = hub.bytesServed;
      const { folder } = await resolveModel(REPO, {
        ...options,
        stallMs: 300,
        retryDelaysMs: [1, 1, 1],
      });
      assert(hub.bytesServed - served < SHARD_BYTES + CUT, "it did not start from zero");
      assertEquals(Deno.readFileSync(join(folder, WEIGHTS)), singleFiles()[WEIGHTS].bytes);
      await Deno.remove(join(folder, "..", ".."), { recursive: true });
    }
  }));

Deno.test("a connection that stands still is given up with an error", () =>
  withHub(async ({ hub, options }) => {
    hub.commits[COMMIT] = singleFiles();
    hub.fault = { kind: "stall", bytes: CUT };
    const error = await assertRejects(() => resolveModel(REPO, { ...options, stallMs: 100 }));
    assertStringIncludes(error.message, "sent nothing for 0.1 s");
  }));

Deno.test("an abort keeps what has arrived", () =>
  withHub(async ({ hub, cacheDir, options }) => {
    hub.commits[COMMIT] = singleFiles();
    hub.fault = { kind: "stall", bytes: CUT };
    const abort = new AbortController();
    const running = resolveModel(REPO, { ...options, signal: abort.signal });
    const rejected = assertRejects(() => running, DOMException, "aborted");
    const blobs = join(cacheDir, "models--org--tiny-vlm", "blobs");
    await until(() => {
      try {
        return incompleteBlobs(cacheDir).some((path) => sizeOf(path) === CUT);
      } catch {
        return false;
      }
    });
    abort.abort();
    await rejected;
    assertEquals([...Deno.readDirSync(blobs)].length, 2);
    await resolveModel(REPO, options);
    assert(hub.requests.at(-1)!.includes(` bytes=${CUT}-`));
    await assertRejects(() => resolveModel(REPO, { signal: abort.signal }), DOMException);
  }));

Deno.test("an abort is heard while data comes in faster than it is written", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const chunk = new Uint8Array(1 << 16);
    const size = 5000 * chunk.length;
    const endless = () =>
      new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull: (controller) => controller.enqueue(chunk),
      });
    const file = { path: WEIGHTS, size, etag: "a".repeat(64), hash: null };
    const blob = join(folder, file.etag);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    const download = downloadBlob(file, blob, {
      endpoint: "http://hub.invalid",
      repo: REPO,
      commit: COMMIT,
      fetch: () => Promise.resolve(new Response(endless())),
      retryDelaysMs: [],
      signal: abort.signal,
    });
    await assertRejects(() => download, DOMException);
    assert(sizeOf(`${blob}.incomplete`) < size);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a wrong hash deletes the incomplete file and says so; the next run starts anew", () =>
  withHub(async ({ hub, cacheDir, options }) => {
    hub.commits[COMMIT] = singleFiles();
    hub.fault = { kind: "cut", bytes: CUT };
    await assertRejects(() => resolveModel(REPO, options));
    const [incomplete] = incompleteBlobs(cacheDir);
    Deno.writeFileSync(incomplete, new Uint8Array(sizeOf(incomplete)));
    const error = await assertRejects(() => resolveModel(REPO, options));
    assertStringIncludes(error.message, `${WEIGHTS}: its sha256 is `);
    assertStringIncludes(error.message, `${incomplete} was deleted`);
    assertEquals(incompleteBlobs(cacheDir), []);
    const served = hub.bytesServed;
    await resolveModel(REPO, options);
    assertEquals(hub.bytesServed - served, SHARD_BYTES);
  }));

Deno.test("small files are checked by git's hash", () =>
  withHub(async ({ hub, options }) => {
    hub.intercept = (_, { pathname }) =>
      pathname.endsWith("/vocab.json") ? new Response('{"b": 0}') : undefined;
    const error = await assertRejects(() => resolveModel(REPO, options));
    assertStringIncludes(error.message, "vocab.json: its git-sha1 is ");
  }));

Deno.test("an incomplete file that is whole or too long is set right", () =>
  withHub(async ({ hub, cacheDir, options }) => {
    hub.commits[COMMIT] = singleFiles();
    const whole = singleFiles()[WEIGHTS].bytes;
    for (const extra of [0, 5]) {
      hub.fault = { kind: "cut", bytes: CUT };
      await assertRejects(() => resolveModel(REPO, options));
      const [incomplete] = incompleteBlobs(cacheDir);
      Deno.writeFileSync(incomplete, new Uint8Array([...whole, ...new Uint8Array(extra)]));
      const served = hub.bytesServed;
      const { folder } = await resolveModel(REPO, options);
      assertEquals(hub.bytesServed - served, extra === 0 ? 0 : SHARD_BYTES);
      assertEquals(Deno.readFileSync(join(folder, WEIGHTS)), whole);
      await Deno.remove(join(folder, "..", ".."), { recursive: true });
    }
  }));

Deno.test("a server that cannot continue is asked for the whole file", () =>
  withHub(async ({ hub, options }) => {
    hub.commits[COMMIT] = singleFiles();
    hub.fault = { kind: "cut", bytes: CUT };
    hub.ignoresRange = true;
    const { folder } = await resolveModel(REPO, { ...options, retryDelaysMs: [1, 1] });
    assertEquals(Deno.readFileSync(join(folder, WEIGHTS)), singleFiles()[WEIGHTS].bytes);
  }));

Deno.test("a server that sends more or less than it announced is not believed", () =>
  withHub(async ({ hub, options }) => {
    for (const [text, says] of [["{ }", "more than its 2 bytes"], ["{", "only 1 of its 2 bytes"]]) {
      hub.commits[COMMIT] = { ...singleFiles(), "config.json": textFile("{}") };
      hub.intercept = (_, { pathname }) =>
        pathname.endsWith("/config.json") ? new Response(text) : undefined;
      const error = await assertRejects(() => resolveModel(REPO, options));
      assertStringIncludes(error.message, says);
    }
  }));

Deno.test("two at once download every byte once and both succeed", () =>
  withHub(async ({ hub, options }) => {
    hub.commits[COMMIT] = singleFiles();
    const [first, second] = await Promise.all([
      resolveModel(REPO, options),
      resolveModel(REPO, options),
    ]);
    assertEquals(first, second);
    assertEquals(hub.bytesServed, SHARD_BYTES + "{}".length);
    assertEquals(Deno.readFileSync(join(first.folder, WEIGHTS)), singleFiles()[WEIGHTS].bytes);
  }));
