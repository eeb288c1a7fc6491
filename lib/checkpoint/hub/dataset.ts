/**
 * One file of a dataset on the hub, kept in the cache that Python's huggingface_hub uses too.
 *
 * @module
 */
import { datasetInfo } from "@huggingface/hub";
import { writeAtomically } from "../../atomic_write.ts";
import { type HubPatience, openHub } from "./fetch.ts";
import {
  cachedCommit,
  fileSize,
  hubModelCache,
  rememberCommit,
  snapshotFolder,
  snapshotPath,
} from "./cache.ts";
import { type HubSettingsOptions, readHubSettings } from "./settings.ts";

/** A file of a dataset on the hub. */
export interface HubDatasetFile {
  /** `org/name`. */
  repo: string;
  /** Branch, tag or commit, default "main". */
  revision?: string;
  /** Path in the repository. */
  path: string;
}

/** How to reach the hub, and how patiently. */
export type HubDatasetOptions = HubSettingsOptions & HubPatience;

/**
 * Path of a dataset's file in the hub's cache; fetched if it is not there. A cached one is taken as
 * it is, without asking for a newer commit.
 *
 * @throws {Error} if it is not in the cache and cannot be fetched; says how to give a local file.
 */
export async function findHubDatasetFile(
  { repo, revision = "main", path }: HubDatasetFile,
  options: HubDatasetOptions = {},
): Promise<string> {
  const settings = readHubSettings(options);
  const { cacheDir, endpoint, offline } = settings;
  const cache = hubModelCache(cacheDir, repo, "datasets");
  const place = (commit: string) => snapshotPath(snapshotFolder(cache, commit), path);
  const known = cachedCommit(cache, revision);
  if (known !== null && fileSize(place(known)) !== null) return place(known);
  const advice =
    `; or download ${path} of ${endpoint}/datasets/${repo} into a folder, in the layout ` +
    "that README shows, and name the folder by --data";
  if (offline !== null) {
    throw new Error(
      `Cannot find ${path} of the dataset ${repo}: it is not in the cache ${cache.folder}, and the ` +
        `hub was not asked, because ${offline}${advice}`,
    );
  }
  try {
    const { fetchWhole: fetch } = openHub(settings, options);
    const { sha } = await datasetInfo({
      name: repo,
      revision,
      hubUrl: endpoint,
      fetch,
      additionalFields: ["sha"],
    });
    const commit = String(sha);
    const url = `${endpoint}/datasets/${repo}/resolve/${commit}/${path}`;
    const response = await fetch(url);
    await writeAtomically(place(commit), new Uint8Array(await response.arrayBuffer()));
    rememberCommit(cache, revision, commit);
    return place(commit);
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw new Error(
      `Cannot fetch ${path} of the dataset ${repo}: ${(cause as Error).message}${advice}`,
      { cause },
    );
  }
}
