/**
 * From what a user calls a model to a folder with its files: a local folder, or a model on the hub,
 * which is fetched into the cache that Python's huggingface_hub uses too.
 *
 * @module
 */
import { resolve } from "node:path";
import { listText } from "../list_text.ts";
import type { ProgressListener } from "../progress.ts";
import {
  cachedCommit,
  type HubModelCache,
  hubModelCache,
  missingFiles,
  rememberCommit,
  snapshotFolder,
} from "./hub/cache.ts";
import { explainHubFailure, HubError } from "./hub/error.ts";
import { type HubPatience, openHub } from "./hub/fetch.ts";
import { hubCommit } from "./hub/listing.ts";
import { type HubReference, isCommitHash, parseHubReference } from "./hub/reference.ts";
import { type HubSettingsOptions, readHubSettings } from "./hub/settings.ts";
import { fetchSnapshot } from "./hub/snapshot.ts";

/** How to reach the hub, and how patiently. */
export interface ResolveModelOptions extends HubSettingsOptions, HubPatience {
  /** Hears of downloaded bytes, over all files. */
  onProgress?: ProgressListener;
}

/** Where a model's files are. */
export interface ResolvedModel {
  /** Absolute path of the folder that holds config.json and the weights. */
  folder: string;
  /** What was asked for. */
  ref: string;
  /** Commit hash on the hub; null for a local folder. */
  revision: string | null;
  /** What the user should know, e.g. that the hub could not be asked for a newer commit. */
  warning: string | null;
}

interface CachedSnapshot {
  folder: string;
  commit: string;
}

/** A complete snapshot in the cache, or in words why there is none. */
function findCached(cache: HubModelCache, { revision }: HubReference): CachedSnapshot | string {
  const commit = cachedCommit(cache, revision);
  if (commit === null) return `the cache knows no commit for ${revision} in ${cache.folder}`;
  const folder = snapshotFolder(cache, commit);
  let missing: string[];
  try {
    missing = missingFiles(folder);
  } catch (error) {
    if (error instanceof HubError) return `in the cache, ${error.message}`;
    throw error;
  }
  if (missing.length === 0) return { folder, commit };
  return `the cache lacks ${listText(missing)} in ${folder}`;
}

/** A ref that cannot be written, as in a read-only cache, only matters to later offline runs. */
function noteCommit(cache: HubModelCache, { repo, revision }: HubReference, commit: string) {
  try {
    rememberCommit(cache, revision, commit);
    return null;
  } catch (error) {
    return `${repo}: could not note in ${cache.folder} that ${revision} is commit ${commit} ` +
      `(${(error as Error).message}); without the network it will not be found by that name`;
  }
}

/** What to do when the hub could not be asked; other errors say it themselves. */
function advice({ repo, revision }: HubReference, when: string): string {
  const at = revision === "main" ? "" : ` --revision ${revision}`;
  return `. Run the same command ${when}, or fetch the model with \`hf download ${repo}${at}\`, or ` +
    "pass the path of a folder that holds it";
}

/** Finds a local folder; null if there is nothing at the path. */
function localFolder(path: string): string | null {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      return null;
    }
    throw new Error(`Cannot open model ${path}: ${(cause as Error).message}`, { cause });
  }
  if (info.isDirectory) return path;
  throw new Error(`Cannot open model ${path}: it is a file; pass the folder that holds it`);
}

/**
 * Finds the folder of a model, downloading it if need be.
 *
 * An existing folder is taken as it is. Otherwise `org/name` or `org/name@revision` (branch, tag or
 * commit) is looked up on the hub and kept in its cache; HF_HOME, HF_HUB_CACHE, HF_ENDPOINT,
 * HF_TOKEN and HF_HUB_OFFLINE mean what they mean to Python's huggingface_hub. Only configuration,
 * tokenizer and safetensors files are fetched. A commit that is complete in the cache, and anything
 * when offline, needs no network. If the hub gives no answer, a complete cached snapshot is used and
 * `warning` says so. An interrupted download continues at the byte where it stopped.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { folder, revision } = await resolveModel(".");
 * assertEquals([folder, revision], [Deno.cwd(), null]);
 * ```
 *
 * @param ref Path of a folder, or a model on the hub.
 * @throws {Error} saying what was looked for, where, why it was not found, and how to get it; the
 * signal's reason if aborted.
 */
export async function resolveModel(
  ref: string,
  options: ResolveModelOptions = {},
): Promise<ResolvedModel> {
  options.signal?.throwIfAborted();
  const path = resolve(ref);
  const local = ref === "" ? null : localFolder(path);
  if (local !== null) return { folder: local, ref, revision: null, warning: null };
  const reference = parseHubReference(ref);
  if (reference === null) {
    throw new Error(
      `Cannot find model ${JSON.stringify(ref)}: missing folder ${path}, and it is not a name on ` +
        "the hub either (org/name or org/name@revision)",
    );
  }
  const settings = readHubSettings(options);
  const cache = hubModelCache(settings.cacheDir, reference.repo);
  const found = (snapshot: CachedSnapshot, warning: string | null = null): ResolvedModel => ({
    folder: snapshot.folder,
    ref,
    revision: snapshot.commit,
    warning,
  });
  const cached = findCached(cache, reference);
  const fail = (why: string, cause?: unknown): never => {
    const state = typeof cached === "string" ? `${cached}; ` : "";
    throw new Error(
      `Cannot find model ${ref}: there is no folder ${path}; ${state}${why}`,
      { cause },
    );
  };
  const pinned = isCommitHash(reference.revision);
  if (typeof cached !== "string" && (pinned || settings.offline)) return found(cached);
  if (settings.offline) {
    return fail(
      `the hub was not asked, because ${settings.offline}${advice(reference, "online")}`,
    );
  }
  try {
    const { repo, revision } = reference;
    const hub = openHub(settings, options);
    // With something to fall back on, a machine without a network is not kept waiting.
    const lookUp = typeof cached === "string" ? hub : openHub(settings, {
      ...options,
      stallMs: Math.min(options.stallMs ?? Infinity, 10_000),
      retryDelaysMs: [],
    });
    const commit = pinned ? revision : await hubCommit(reference, lookUp);
    await fetchSnapshot({ ...hub, repo, commit, cache, onProgress: options.onProgress });
    // The ref is moved only now: until here it led to the older snapshot, which is complete.
    const snapshot = { folder: snapshotFolder(cache, commit), commit };
    return found(snapshot, noteCommit(cache, reference, commit));
  } catch (error) {
    options.signal?.throwIfAborted();
    const why = explainHubFailure(error, reference, settings);
    if (typeof cached !== "string" && error instanceof HubError && error.allowsCache) {
      const warning = `${ref}: using commit ${cached.commit} from the cache, ${cached.folder}, ` +
        `without asking for a newer one: ${why}`;
      return found(cached, warning);
    }
    const again = error instanceof HubError && error.transient
      ? advice(reference, "again (a download continues where it stopped)")
      : "";
    return fail(why + again, error);
  }
}
