/**
 * The hub's cache on disk, in the layout of Python's huggingface_hub: for each model a folder
 * models--org--name with blobs/HASH (the bytes), refs/REVISION (a commit hash as text) and
 * snapshots/COMMIT/FILE (a relative link to a blob).
 *
 * @module
 */
import { dirname, join, relative, sep } from "node:path";
import { HubError } from "./error.ts";
import { isCommitHash } from "./reference.ts";
import { weightFileNames } from "../weight_files.ts";

/** Paths of one model or data set in the cache. */
export interface HubModelCache {
  /** Its folder, models--org--name. */
  folder: string;
  /** Folder of its lock files, shared with Python's library. */
  locks: string;
}

/** Where the cache keeps a model or a data set. */
export function hubModelCache(
  cacheDir: string,
  repo: string,
  kind: "models" | "datasets" = "models",
): HubModelCache {
  const name = `${kind}--${repo.replace("/", "--")}`;
  return { folder: join(cacheDir, name), locks: join(cacheDir, ".locks", name) };
}

export function snapshotFolder({ folder }: HubModelCache, commit: string): string {
  return join(folder, "snapshots", commit);
}

/** Path of the file that holds the bytes of `etag`. */
export function blobPath({ folder }: HubModelCache, etag: string): string {
  if (!/^[0-9a-f]{40,64}$/.test(etag)) {
    throw new HubError("protocol", `the hub sent ${JSON.stringify(etag)} as a file's hash`);
  }
  return join(folder, "blobs", etag);
}

/**
 * A file name that the hub sent, joined to a snapshot folder that it may not leave, under the rules
 * of any system.
 */
export function snapshotPath(snapshot: string, name: string): string {
  const parts = name.split("/");
  const safe = parts.every((part) => part !== "" && part !== "." && part !== "..") &&
    !/[\\\0:]/.test(name);
  if (!safe) {
    throw new HubError(
      "protocol",
      `the hub lists a file ${JSON.stringify(name)}, which would lie outside of the model's folder`,
    );
  }
  return join(snapshot, ...parts);
}

/** Size of a file behind any links, or null if there is none. */
export function fileSize(path: string): number | null {
  try {
    const info = Deno.statSync(path);
    return info.isFile ? info.size : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return null;
    }
    throw error;
  }
}

/** The commit that the cache knows for a branch, tag or commit; null if none. */
export function cachedCommit({ folder }: HubModelCache, revision: string): string | null {
  if (isCommitHash(revision)) return revision;
  const path = join(folder, "refs", ...revision.split("/"));
  if (fileSize(path) === null) return null;
  const commit = Deno.readTextFileSync(path).trim();
  return isCommitHash(commit) ? commit : null;
}

/** Writes `text` to `path` so that no reader ever sees a part of it. */
function writeAtomically(path: string, text: string) {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  Deno.writeTextFileSync(temporary, text);
  Deno.renameSync(temporary, path);
}

/** Notes which commit a branch or tag stood for. */
export function rememberCommit(cache: HubModelCache, revision: string, commit: string) {
  if (revision === commit || cachedCommit(cache, revision) === commit) return;
  const path = join(cache.folder, "refs", ...revision.split("/"));
  Deno.mkdirSync(dirname(path), { recursive: true });
  writeAtomically(path, commit);
}

/**
 * Names of the weight files that a snapshot should have.
 *
 * @throws {HubError} if its index is damaged.
 */
export function snapshotWeights(snapshot: string): string[] {
  try {
    return weightFileNames(snapshot);
  } catch (cause) {
    const { message } = cause as Error;
    throw new HubError("files", `the snapshot's index is damaged (${message}); delete it`, {
      cause,
    });
  }
}

/**
 * What a snapshot folder lacks of a checkpoint: config.json and all weights.
 *
 * @returns Names of files; empty if it is complete.
 */
export function missingFiles(snapshot: string): string[] {
  const names = ["config.json", ...snapshotWeights(snapshot)];
  return names.filter((name) => fileSize(snapshotPath(snapshot, name)) === null);
}

/**
 * Lets a snapshot's file point to its blob. Where the file system has no links, the blob itself is
 * moved there, as Python's library does.
 */
export function linkBlob(
  blob: string,
  target: string,
  { symlink = Deno.symlinkSync }: { symlink?: (to: string, at: string) => void } = {},
) {
  Deno.mkdirSync(dirname(target), { recursive: true });
  const temporary = `${target}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    // Cache folders are moved between machines: links are relative, with forward slashes.
    symlink(relative(dirname(target), blob).split(sep).join("/"), temporary);
  } catch {
    Deno.renameSync(blob, target);
    return;
  }
  Deno.renameSync(temporary, target);
}
