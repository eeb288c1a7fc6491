/**
 * Downloading one file: continues BLOB.incomplete from its length, checks size and hash, and only
 * then gives the file its name.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileSize } from "./cache.ts";
import { HubError } from "./error.ts";
import type { Hub } from "./fetch.ts";
import { withRetries } from "./retry.ts";

export interface HubFile {
  path: string;
  /** Size in bytes. */
  size: number;
  /** Name of its blob in the cache: the hash below, or the hub's own. */
  etag: string;
  /** Hash of its content, if the hub gives one that can be checked. */
  hash: { algorithm: "sha256" | "git-sha1"; value: string } | null;
}

/** Where a file is downloaded from, and how. */
export interface HubDownload extends Omit<Hub, "fetchWhole"> {
  /** `org/name`. */
  repo: string;
  /** Commit hash. */
  commit: string;
  /** Called with the bytes that are there now and were not before; negative if they are dropped. */
  onBytes?: (bytes: number) => void;
}

const READ_BYTES = 1 << 20;
const YIELD_MS = 20;

function startHash({ hash, size }: HubFile): Hash {
  if (hash?.algorithm !== "git-sha1") return createHash("sha256");
  return createHash("sha1").update(`blob ${size}\0`);
}

/** Hashes what an earlier run left and leaves the position at its end. */
async function hashFile(file: Deno.FsFile, hash: Hash, signal?: AbortSignal) {
  await file.seek(0, Deno.SeekMode.Start);
  const buffer = new Uint8Array(READ_BYTES);
  while (true) {
    signal?.throwIfAborted();
    const count = await file.read(buffer);
    if (count === null) return;
    hash.update(buffer.subarray(0, count));
  }
}

/** Synchronous, because chunks are small: twice as fast as a trip to another thread for each. */
function writeAll(file: Deno.FsFile, bytes: Uint8Array) {
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
}

/** The bytes of a file from `start` on. Plain HTTP serves every file, whichever storage has it. */
async function requestFrom(file: HubFile, start: number, download: HubDownload) {
  const { endpoint, repo, commit, signal } = download;
  const name = file.path.split("/").map(encodeURIComponent).join("/");
  const headers: HeadersInit = start > 0 ? { Range: `bytes=${start}-${file.size - 1}` } : {};
  const url = `${endpoint}/${repo}/resolve/${commit}/${name}`;
  return (await download.fetch(url, { headers, signal })).body ?? [];
}

/** Brings the open file to its full size; returns the hash of its content. */
async function complete(file: HubFile, handle: Deno.FsFile, download: HubDownload) {
  const { signal, onBytes = () => {}, retryDelaysMs } = download;
  let yielded = performance.now();
  let hash = startHash(file);
  let length = (await handle.stat()).size;
  const restart = async () => {
    await handle.truncate(0);
    onBytes(-length);
    length = 0;
    hash = startHash(file);
  };
  onBytes(length);
  if (length > file.size) await restart();
  await hashFile(handle, hash, signal);
  await withRetries(async () => {
    if (length === file.size) return;
    try {
      await handle.seek(length, Deno.SeekMode.Start);
      for await (const bytes of await requestFrom(file, length, download)) {
        if (length + bytes.length > file.size) {
          throw new HubError("mismatch", `more than its ${file.size} bytes were sent`);
        }
        writeAll(handle, bytes);
        hash.update(bytes);
        length += bytes.length;
        onBytes(bytes.length);
        if (performance.now() - yielded > YIELD_MS) {
          // On a fast line there is always another chunk, and timers and signals would never run.
          await nextTurn();
          signal?.throwIfAborted();
          yielded = performance.now();
        }
      }
    } catch (error) {
      if (error instanceof HubError && error.kind === "range") await restart();
      throw error;
    }
    if (length < file.size) {
      throw new HubError("interrupted", `only ${length} of its ${file.size} bytes were sent`);
    }
  }, { delaysMs: retryDelaysMs, signal, progress: () => length });
  return hash.digest("hex");
}

/**
 * Downloads a file to `blob`, by way of `blob`.incomplete.
 *
 * @throws {HubError} naming the file. What has arrived stays for the next run, unless it is wrong.
 */
export async function downloadBlob(
  file: HubFile,
  blob: string,
  download: HubDownload,
): Promise<void> {
  const incomplete = `${blob}.incomplete`;
  try {
    {
      using handle = await Deno.open(incomplete, { create: true, read: true, write: true });
      const digest = await complete(file, handle, download);
      if (file.hash !== null && digest !== file.hash.value) {
        throw new HubError(
          "mismatch",
          `its ${file.hash.algorithm} is ${digest}, but the hub announced ${file.hash.value}`,
        );
      }
      await handle.syncData();
    }
    await Deno.rename(incomplete, blob).catch((error) => {
      // Where locks do not work, another process may have finished the same file first.
      if (!(error instanceof Deno.errors.NotFound) || fileSize(blob) !== file.size) throw error;
    });
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    let message = `${file.path}: ${error.message}`;
    if (error.kind === "mismatch") {
      await Deno.remove(incomplete).catch(() => {});
      message += `; ${incomplete} was deleted, so that running again downloads it from the start`;
    }
    const { kind, status, code } = error;
    throw new HubError(kind, message, { status, code, cause: error });
  }
}
