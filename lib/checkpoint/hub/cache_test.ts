import { join } from "node:path";
import { assertEquals, assertThrows } from "@std/assert";
import {
  blobPath,
  cachedCommit,
  hubModelCache,
  linkBlob,
  missingFiles,
  rememberCommit,
  snapshotPath,
} from "./cache.ts";
import { HubError } from "./error.ts";

async function withFolder(test: (folder: string) => void) {
  const folder = await Deno.makeTempDir();
  try {
    test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a snapshot is complete with config.json and all weights", () =>
  withFolder((folder) => {
    const touch = (name: string, text = "") => Deno.writeTextFileSync(join(folder, name), text);
    assertEquals(missingFiles(folder), ["config.json", "model.safetensors"]);
    touch("config.json");
    touch("model.safetensors");
    assertEquals(missingFiles(folder), []);
    touch("model.safetensors.index.json", '{"weight_map": {"a": "gone.safetensors"}}');
    assertEquals(missingFiles(folder), [], "the index beside a whole file of weights is not read");
    Deno.removeSync(join(folder, "model.safetensors"));
    assertEquals(missingFiles(folder), ["gone.safetensors"]);
    const weight_map = { a: "two.safetensors", b: "one.safetensors", c: "one.safetensors" };
    touch("model.safetensors.index.json", JSON.stringify({ weight_map }));
    assertEquals(missingFiles(folder), ["one.safetensors", "two.safetensors"]);
    touch("two.safetensors");
    Deno.symlinkSync("nowhere", join(folder, "one.safetensors"));
    assertEquals(missingFiles(folder), ["one.safetensors"], "a link to nothing is no file");
    touch("model.safetensors.index.json", '{"weight_map": {"a": 1}}');
    assertThrows(() => missingFiles(folder), HubError, "weight_map.a: ");
    touch("model.safetensors.index.json", '{"weight_map": {"a": "../../x.safetensors"}}');
    assertThrows(() => missingFiles(folder), HubError, "leaves the checkpoint's folder");
  }));

Deno.test("the commit of a branch is remembered; a damaged ref is none", () =>
  withFolder((folder) => {
    const cache = hubModelCache(folder, "org/name");
    const commit = "a".repeat(40);
    assertEquals(cachedCommit(cache, "main"), null);
    assertEquals(cachedCommit(cache, commit), commit);
    rememberCommit(cache, "feature/x", commit);
    assertEquals(cachedCommit(cache, "feature/x"), commit);
    assertEquals(cachedCommit(cache, "feature"), null);
    const path = join(cache.folder, "refs", "feature", "x");
    Deno.writeTextFileSync(path, "../../../etc");
    assertEquals(cachedCommit(cache, "feature/x"), null);
    assertEquals([...Deno.readDirSync(join(cache.folder, "refs", "feature"))].length, 1);
  }));

Deno.test("names and hashes from the server stay inside", () => {
  const cache = hubModelCache("/cache", "org/name");
  assertEquals(snapshotPath("/s", "a/b.safetensors"), join("/s", "a", "b.safetensors"));
  for (const name of ["", ".", "..", "../a", "a/../b", "/a", "a//b", "a/", "a\\b", "C:a", "a\0"]) {
    assertThrows(() => snapshotPath("/s", name), HubError, "outside of the model's folder");
  }
  for (const etag of ["", "../a", "abc", `${"a".repeat(40)}/`]) {
    assertThrows(() => blobPath(cache, etag), HubError, "as a file's hash");
  }
});

Deno.test("a link replaces what was there; without links the blob itself is moved", () =>
  withFolder((folder) => {
    const blob = join(folder, "blobs", "b");
    const target = join(folder, "snapshots", "c", "sub", "file.json");
    Deno.mkdirSync(join(folder, "blobs"));
    Deno.writeTextFileSync(blob, "new");
    linkBlob(blob, target);
    assertEquals(Deno.readLinkSync(target), "../../../blobs/b");
    Deno.removeSync(target);
    Deno.writeTextFileSync(target, "old");
    linkBlob(blob, target);
    assertEquals(Deno.readTextFileSync(target), "new");
    const symlink = () => {
      throw new Deno.errors.NotSupported("no links here");
    };
    linkBlob(blob, target, { symlink });
    assertEquals(Deno.lstatSync(target).isFile, true);
    assertEquals(Deno.readTextFileSync(target), "new");
    assertThrows(() => Deno.statSync(blob), Deno.errors.NotFound);
  }));
