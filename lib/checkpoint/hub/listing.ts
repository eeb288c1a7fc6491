/**
 * What the hub has: the commit of a revision, and the files of a commit that a checkpoint needs.
 *
 * @module
 */
import { HubApiError, listFiles, modelInfo } from "@huggingface/hub";
import { listText } from "../../list_text.ts";
import type { HubFile } from "./blob.ts";
import { HubError } from "./error.ts";
import type { Hub } from "./fetch.ts";
import { type HubReference, isCommitHash } from "./reference.ts";
import { INDEX_FILE, SINGLE_FILE } from "../weight_files.ts";

/** Configuration, processor, tokenizer and chat template: small files at the top level. */
const SMALL_FILE = new RegExp(
  "^(?:config|generation_config|(?:\\w+_)?(?:pre)?processor_config|tokenizer\\w*|" +
    "special_tokens_map|added_tokens|vocab\\w*|merges|chat_template\\w*)\\.(?:json|txt|jinja)$",
);

/** The hub's files, by what they are needed for. */
export interface HubListing {
  /** Index of the shards, if the checkpoint is sharded. */
  index: HubFile | null;
  /** The other small files. */
  small: HubFile[];
  /** All safetensors files, by name. */
  weights: Map<string, HubFile>;
}

/** An answer that is not JSON, or not in the hub's form, e.g. a login page of the local network. */
async function readAnswer<T>(endpoint: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const malformed = error instanceof SyntaxError || error instanceof TypeError ||
      error instanceof HubApiError;
    if (!malformed) throw error;
    const message = `${endpoint} did not answer as a model hub does (${error.message})`;
    throw new HubError("protocol", message, { cause: error });
  }
}

/** Asks the hub which commit a revision stands for. */
export function hubCommit(reference: HubReference, { endpoint, fetchWhole }: Hub): Promise<string> {
  const { repo, revision } = reference;
  return readAnswer(endpoint, async () => {
    const { sha } = await modelInfo({
      name: repo,
      revision,
      hubUrl: endpoint,
      fetch: fetchWhole,
      additionalFields: ["sha"],
    });
    if (!isCommitHash(sha)) {
      throw new TypeError(`it sent ${JSON.stringify(sha)} as the commit of ${revision}`);
    }
    return sha;
  });
}

type ListedFile = Awaited<ReturnType<ReturnType<typeof listFiles>["next"]>>["value"];

function toHubFile(entry: NonNullable<ListedFile>): HubFile {
  const { path, oid, lfs, xetHash } = entry;
  const size = lfs?.size ?? entry.size;
  const etag = lfs?.oid ?? oid ?? xetHash;
  if (typeof etag !== "string" || !Number.isSafeInteger(size) || size < 0) {
    throw new TypeError(`it listed ${JSON.stringify(path)} without a hash or size`);
  }
  if (lfs) return { path, size, etag, hash: { algorithm: "sha256", value: lfs.oid } };
  const isGit = xetHash === undefined && etag.length === 40;
  return { path, size, etag, hash: isGit ? { algorithm: "git-sha1", value: etag } : null };
}

/** Lists the files of a commit that a checkpoint may need; other formats are left out. */
export function hubListing(
  repo: string,
  commit: string,
  { endpoint: hubUrl, fetchWhole: fetch }: Hub,
): Promise<HubListing> {
  return readAnswer(hubUrl, async () => {
    const listing: HubListing = { index: null, small: [], weights: new Map() };
    const entries = listFiles({ repo, revision: commit, recursive: true, hubUrl, fetch });
    for await (const entry of entries) {
      if (entry.type !== "file" || typeof entry.path !== "string") continue;
      if (entry.path === INDEX_FILE) listing.index = toHubFile(entry);
      else if (SMALL_FILE.test(entry.path)) listing.small.push(toHubFile(entry));
      else if (entry.path.endsWith(".safetensors")) {
        listing.weights.set(entry.path, toHubFile(entry));
      }
    }
    return listing;
  });
}

/**
 * Picks the files that hold the weights.
 *
 * @param listing Files of the repository.
 * @param shards Names from the index; null if it is not needed or there is none.
 * @throws {HubError} if the repository lacks one of them, or config.json.
 */
export function neededWeights(listing: HubListing, shards: readonly string[] | null): HubFile[] {
  if (shards === null && !listing.weights.has(SINGLE_FILE)) {
    const others = listText(listing.weights.keys());
    throw new HubError(
      "files",
      `the repository has no safetensors weights: neither ${SINGLE_FILE} nor ${INDEX_FILE}` +
        (others === "" ? "" : ` (only ${others})`) +
        "; other formats are not read, so name a repository or revision that has them",
    );
  }
  if (!listing.small.some(({ path }) => path === "config.json")) {
    throw new HubError("files", "the repository has no config.json, so it is not a checkpoint");
  }
  return (shards ?? [SINGLE_FILE]).map((name) => {
    const file = listing.weights.get(name);
    if (!file) {
      throw new HubError("files", `the repository lacks ${name}, which its ${INDEX_FILE} names`);
    }
    return file;
  });
}
