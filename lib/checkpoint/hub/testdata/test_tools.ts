/**
 * What the tests of the hub share: a temporary cache, and a look into it.
 *
 * @module
 */
import { join, relative } from "node:path";
import type { ResolveModelOptions } from "../../resolve_model.ts";
import { type FakeFiles, FakeHub, lfsFile, SHARD_BYTES, textFile } from "./fake_server.ts";

/** A fake hub and an empty cache. */
export interface HubFixture {
  hub: FakeHub;
  /** Cache folder. */
  cacheDir: string;
  /** Options that use both, and nothing of the environment. */
  options: ResolveModelOptions & { cacheDir: string; endpoint: string };
}

/** Runs a test with a fake hub and an empty cache. */
export async function withHub(test: (fixture: HubFixture) => Promise<void>) {
  const cacheDir = await Deno.makeTempDir({ prefix: "hub_cache_" });
  try {
    await using hub = new FakeHub();
    const options = {
      cacheDir,
      endpoint: hub.endpoint,
      env: { HOME: cacheDir },
      stallMs: 5000,
      retryDelaysMs: [],
    };
    await test({ hub, cacheDir, options });
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
}

/** A checkpoint of one weight file of {@linkcode SHARD_BYTES}. */
export function singleFiles(): FakeFiles {
  return { "config.json": textFile("{}"), "model.safetensors": lfsFile(SHARD_BYTES, 9) };
}

/** All files of a folder: size, or "-> target" of a link, or the text of a ref. */
export function listTree(folder: string): Record<string, number | string> {
  const found: [string, number | string][] = [];
  const walk = (directory: string) => {
    for (const { name, isDirectory, isSymlink } of Deno.readDirSync(directory)) {
      const path = join(directory, name);
      const key = relative(folder, path);
      if (isDirectory) walk(path);
      else if (isSymlink) found.push([key, `-> ${Deno.readLinkSync(path)}`]);
      else if (key.startsWith("refs")) found.push([key, Deno.readTextFileSync(path)]);
      else found.push([key, Deno.statSync(path).size]);
    }
  };
  walk(folder);
  return Object.fromEntries(found.sort(([a], [b]) => a < b ? -1 : 1));
}

/** Paths of the blobs that are only partly there. */
export function incompleteBlobs(cacheDir: string): string[] {
  const blobs = join(cacheDir, "models--org--tiny-vlm", "blobs");
  return [...Deno.readDirSync(blobs)]
    .filter(({ name }) => name.endsWith(".incomplete"))
    .map(({ name }) => join(blobs, name));
}

/** Waits until `condition` holds, for at most 5 s. */
export async function until(condition: () => boolean) {
  for (let i = 0; i < 1000 && !condition(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
