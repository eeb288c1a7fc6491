import { join } from "node:path";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { ProgressEvent } from "../../progress.ts";
import { resolveModel } from "../resolve_model.ts";
import pythonLayout from "./testdata/python_layout.json" with { type: "json" };
import {
  COMMIT,
  type FakeFiles,
  lfsFile,
  NEEDED_FILES,
  REPO,
  sampleFiles,
  SHARDS,
  textFile,
} from "./testdata/fake_server.ts";
import { listTree, singleFiles, withHub } from "./testdata/test_tools.ts";

// The layout was written by Python's huggingface_hub 2.0.0 (snapshot_download with the names of
// NEEDED_FILES as allow_patterns, without hf_xet) from the same fake hub.
Deno.test("a fresh download leaves the files and links that Python's library leaves", () =>
  withHub(async ({ hub, cacheDir, options }) => {
    const { folder, revision, warning } = await resolveModel(REPO, options);
    const model = join(cacheDir, "models--org--tiny-vlm");
    assertEquals(listTree(model), pythonLayout);
    assertEquals(folder, join(model, "snapshots", COMMIT));
    assertEquals({ revision, warning }, { revision: COMMIT, warning: null });
    for (const name of NEEDED_FILES) {
      assertEquals(Deno.readFileSync(join(folder, name)), sampleFiles()[name].bytes, name);
    }
    assertEquals(listTree(folder), {
      ...Object.fromEntries(
        Object.entries(pythonLayout)
          .filter(([path]) => path.startsWith("snapshots"))
          .map(([path, target]) => [path.split("/")[2], target]),
      ),
    });
    assertEquals([...new Set(hub.requests)].length, hub.requests.length - 3, "3 further pages");
  }));

Deno.test("nothing is downloaded a second time", () =>
  withHub(async ({ hub, options }) => {
    const first = await resolveModel(REPO, options);
    const served = hub.bytesServed;
    const events: ProgressEvent[] = [];
    const second = await resolveModel(REPO, { ...options, onProgress: (e) => events.push(e) });
    assertEquals(second, first);
    assertEquals(hub.bytesServed, served);
    assertEquals(events, []);
  }));

Deno.test("progress counts bytes of all files up to their sum, and never back", () =>
  withHub(async ({ options }) => {
    const events: ProgressEvent[] = [];
    await resolveModel(REPO, { ...options, onProgress: (event) => events.push(event) });
    const files = sampleFiles();
    const total = NEEDED_FILES
      .filter((name) => name !== "model.safetensors.index.json")
      .reduce((sum, name) => sum + files[name].bytes.length, 0);
    assertEquals(events[0].done, 0);
    assertEquals(events.at(-1)!.done, total);
    for (const [i, { label, unit, done, total: of }] of events.entries()) {
      assertEquals({ label, unit, of }, { label: REPO, unit: "bytes", of: total });
      assert(i === 0 || done >= events[i - 1].done);
    }
  }));

Deno.test("a newer commit of a branch fetches only what has changed", () =>
  withHub(async ({ hub, cacheDir, options }) => {
    const before = await resolveModel(REPO, options);
    const commit = "f".repeat(40);
    const changed = lfsFile(200_000, 77);
    hub.commits[commit] = { ...sampleFiles(), [SHARDS[1]]: changed };
    hub.revisions.main = commit;
    const served = hub.bytesServed;
    const after = await resolveModel(REPO, options);
    assertEquals(after.revision, commit);
    assertEquals(hub.bytesServed - served, changed.bytes.length);
    assertEquals(Deno.readFileSync(join(after.folder, SHARDS[1])), changed.bytes);
    assertEquals(
      Deno.readFileSync(join(before.folder, SHARDS[1])),
      sampleFiles()[SHARDS[1]].bytes,
    );
    const ref = join(cacheDir, "models--org--tiny-vlm", "refs", "main");
    assertEquals(Deno.readTextFileSync(ref), commit);
  }));

Deno.test("a blob or file of the wrong size is fetched again", () =>
  withHub(async ({ options }) => {
    const { folder } = await resolveModel(REPO, options);
    Deno.truncateSync(Deno.realPathSync(join(folder, SHARDS[0])), 10);
    await resolveModel(REPO, options);
    assertEquals(Deno.readFileSync(join(folder, SHARDS[0])), sampleFiles()[SHARDS[0]].bytes);
  }));

async function failure(files: FakeFiles): Promise<string> {
  let message = "";
  await withHub(async ({ hub, options }) => {
    hub.commits[COMMIT] = files;
    const error = await assertRejects(() => resolveModel(REPO, options));
    message = error.message;
    assertEquals(message.split("\n").length, 1);
  });
  return message;
}

Deno.test("repositories that are no safetensors checkpoint are refused", async () => {
  const { "model.safetensors": weights, ...rest } = singleFiles();
  assertStringIncludes(
    await failure({ ...rest, "pytorch_model.bin": weights }),
    "the repository has no safetensors weights: neither model.safetensors nor",
  );
  assertStringIncludes(
    await failure({ ...rest, "adapter_model.safetensors": weights }),
    "(only adapter_model.safetensors)",
  );
  assertStringIncludes(
    await failure({ "model.safetensors": weights }),
    "the repository has no config.json",
  );
  const { [SHARDS[1]]: _, ...lacking } = sampleFiles();
  assertStringIncludes(await failure(lacking), `the repository lacks ${SHARDS[1]}, which its`);
});

Deno.test("of two sets of weights only the single file is fetched", () =>
  withHub(async ({ hub, options }) => {
    hub.commits[COMMIT] = { ...sampleFiles(), "model.safetensors": lfsFile(1000, 9) };
    const { folder } = await resolveModel(REPO, options);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(names.filter((name) => name.includes("safetensors")), ["model.safetensors"]);
    assertEquals((await resolveModel(REPO, { ...options, offline: true })).folder, folder);
  }));

Deno.test("a file name from the server cannot leave the snapshot folder", () =>
  withHub(async ({ hub, cacheDir, options }) => {
    for (
      const name of ["../../../../evil.safetensors", "/tmp/evil.safetensors", "a\\..\\b", "C:x"]
    ) {
      const weights = name.endsWith(".safetensors") ? name : `${name}.safetensors`;
      hub.commits[COMMIT] = {
        "config.json": textFile("{}"),
        "model.safetensors.index.json": textFile(JSON.stringify({ weight_map: { a: weights } })),
        [weights]: lfsFile(1000, 1),
      };
      const error = await assertRejects(() => resolveModel(REPO, options));
      assertMatch(error.message, /would lie outside of the model's folder|leaves the checkpoint's/);
      assertEquals(
        Object.keys(listTree(cacheDir)).filter((path) => path.includes("evil")),
        [],
      );
      await Deno.remove(join(cacheDir, "models--org--tiny-vlm"), { recursive: true });
    }
  }));

Deno.test("a download larger than the disk is refused before it starts", () =>
  withHub(async ({ hub, options }) => {
    const size = 1e15;
    const sha256 = "a".repeat(64);
    hub.commits[COMMIT] = singleFiles();
    hub.intercept = (_, { pathname }) => {
      if (!pathname.includes("/tree/")) return;
      return Response.json([
        { type: "file", path: "config.json", size: 2, oid: "b".repeat(40) },
        {
          type: "file",
          path: "model.safetensors",
          size,
          oid: "c".repeat(40),
          lfs: { oid: sha256, size, pointerSize: 130 },
        },
      ]);
    };
    const error = await assertRejects(() => resolveModel(REPO, options));
    assertStringIncludes(error.message, "1000000.0 GB are still to be downloaded, but the disk");
    assertEquals(hub.bytesServed, 0);
  }));
