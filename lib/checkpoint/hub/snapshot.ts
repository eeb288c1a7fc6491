/**
 * Fetching a commit's checkpoint files into the cache.
 *
 * @module
 */
import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { freeBytes } from "../../free_bytes.ts";
import { inParallel } from "../../in_parallel.ts";
import type { ProgressListener } from "../../progress.ts";
import { downloadBlob, type HubDownload, type HubFile } from "./blob.ts";
import {
  blobPath,
  fileSize,
  type HubModelCache,
  linkBlob,
  snapshotFolder,
  snapshotPath,
  snapshotWeights,
} from "./cache.ts";
import { HubError } from "./error.ts";
import type { Hub } from "./fetch.ts";
import { hubListing, neededWeights } from "./listing.ts";
import { withFileLock } from "./lock.ts";
import { SINGLE_FILE } from "../weight_files.ts";
import { byteText } from "../../number_format.ts";

export interface HubSnapshotOptions extends Hub, Omit<HubDownload, "onBytes"> {
  cache: HubModelCache;
  /** Hears of bytes, over all files, what was there before included. */
  onProgress?: ProgressListener;
}

/** Files downloaded at once: one connection rarely fills a fast line. */
const PARALLEL = 4;
const PROGRESS_INTERVAL_MS = 50;

/** Bytes of a file that are in the cache, whole or as a part. */
function bytesPresent(file: HubFile, { cache, commit }: HubSnapshotOptions): number {
  const placed = fileSize(snapshotPath(snapshotFolder(cache, commit), file.path));
  const blob = blobPath(cache, file.etag);
  const size = placed ?? fileSize(blob) ?? fileSize(`${blob}.incomplete`) ?? 0;
  return Math.min(size, file.size);
}

async function checkSpace(missing: number, folder: string) {
  const free = await freeBytes(folder);
  if (free !== null && missing > free) {
    throw new HubError(
      "disk",
      `${byteText(missing)} are still to be downloaded, but the disk that holds ${folder} has ` +
        `only ${byteText(free)} free; free some space, or set HF_HOME to a folder on a larger disk`,
    );
  }
}

/** Puts one file into the snapshot, if it is not there. */
async function placeFile(
  file: HubFile,
  options: HubSnapshotOptions & HubDownload,
  onWait?: () => void,
) {
  const { cache, commit, signal } = options;
  const target = snapshotPath(snapshotFolder(cache, commit), file.path);
  if (fileSize(target) === file.size) return;
  const blob = blobPath(cache, file.etag);
  const lock = join(cache.locks, `${file.etag}.lock`);
  await withFileLock(lock, async () => {
    if (fileSize(blob) !== file.size) await downloadBlob(file, blob, options);
    linkBlob(blob, target);
  }, { signal, onWait });
}

/** Counts bytes of all files and reports them, not too often. */
class ByteCounter {
  #done: number;
  #last = 0;
  readonly #present = new Map<HubFile, number>();

  constructor(
    files: readonly HubFile[],
    private readonly options: HubSnapshotOptions,
    private readonly total = files.reduce((sum, { size }) => sum + size, 0),
  ) {
    for (const file of files) this.#present.set(file, bytesPresent(file, options));
    this.#done = [...this.#present.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Bytes still to come. */
  get missing(): number {
    return this.total - this.#done;
  }

  /** Sets how much of a file is there. */
  set(file: HubFile, bytes: number) {
    if (bytes === this.#present.get(file)) return;
    this.#done += bytes - this.#present.get(file)!;
    this.#present.set(file, bytes);
    const now = performance.now();
    if (this.missing > 0 && now - this.#last < PROGRESS_INTERVAL_MS) return;
    this.#last = now;
    this.report(file.path);
  }

  report(detail?: string) {
    const { onProgress, repo: label } = this.options;
    onProgress?.({ label, done: this.#done, total: this.total, unit: "bytes", detail });
  }
}

/**
 * Fetches what is missing of a checkpoint: first the small files, then the weights, so that a
 * snapshot whose weights are all there is whole.
 *
 * @throws {HubError} if the repository is not a checkpoint, the disk is too small, or a download
 * fails; what has arrived stays for the next run.
 */
export async function fetchSnapshot(options: HubSnapshotOptions): Promise<void> {
  const { cache, repo, commit, signal } = options;
  const listing = await hubListing(repo, commit, options);
  await mkdir(join(cache.folder, "blobs"), { recursive: true });
  let shards: string[] | null = null;
  // With a single file of weights the index and its shards are not read.
  if (listing.index !== null && !listing.weights.has(SINGLE_FILE)) {
    await placeFile(listing.index, options);
    shards = snapshotWeights(snapshotFolder(cache, commit));
  }
  const weights = neededWeights(listing, shards);
  const counter = new ByteCounter([...listing.small, ...weights], options);
  await checkSpace(counter.missing, cache.folder);
  if (counter.missing > 0) counter.report();
  for (const files of [listing.small, weights]) {
    await inParallel(files, { concurrency: PARALLEL, signal }, async (file, _, signal) => {
      let present = 0;
      const onBytes = (bytes: number) => counter.set(file, present += bytes);
      const onWait = () => counter.report(`${file.path}, which another process is downloading`);
      await placeFile(file, { ...options, signal, onBytes }, onWait);
      counter.set(file, file.size);
    });
  }
}
