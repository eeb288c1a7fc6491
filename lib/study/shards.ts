/**
 * A run in shards: each does its part in a folder of its own, `shards/shard-3-of-8`, where no other
 * writes. When all are complete, their records are put together where a run on one machine has
 * them; it finds them there and has nothing left to compute.
 *
 * @module
 */
import { hostname } from "node:os";
import { join, relative } from "node:path";
import { writeAtomically } from "../atomic_write.ts";
import { hashFile, identityDifferences } from "../experiments/mod.ts";
import { listText } from "../list_text.ts";
import { rangesText, type Shard, shardText } from "../shard.ts";
import {
  beat,
  foundShards,
  readShardState,
  ShardClaim,
  shardFolder,
  SHARDS,
  type ShardState,
  writeShardState,
} from "./shard_state.ts";

/** What is recorded of a file to know it again. */
type ShardFile = ShardState["files"][number];

/** What {@linkcode recordShard} does. */
export interface RecordShardOptions {
  /** What is computed and how: shards of other settings are not put together with this one. */
  settings: ShardState["settings"];
  /** Where models run. */
  device: string;
  /** Records the shard's part in its folder. */
  record: (folder: string, signal: AbortSignal) => Promise<void>;
  /** Is told what a user should know: that another process has the shard, or the same GPU. */
  onNote?: (note: string) => void;
  signal?: AbortSignal;
}

/** Files below a folder, by paths relative to it, sorted; temporary ones left out. */
function filesBelow(folder: string): string[] {
  const found: string[] = [];
  const walk = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(path)) {
      if (isDirectory) walk(join(path, name));
      else if (!name.endsWith(".tmp")) found.push(relative(folder, join(path, name)));
    }
  };
  try {
    walk(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.map((path) => path.replaceAll("\\", "/")).sort();
}

/** A part's tables say only that it is a part: all else is gathered. */
const isGathered = (path: string) => !/^tables\/[^/]*\.json$/.test(path);

async function describeFiles(folder: string): Promise<ShardFile[]> {
  const files: ShardFile[] = [];
  for (const path of filesBelow(folder).filter(isGathered)) {
    const full = join(folder, path);
    files.push({ path, bytes: (await Deno.stat(full)).size, sha256: await hashFile(full) });
  }
  return files;
}

/** The first file that is not as it was when the shard ended; undefined if all are. */
async function changedFile(folder: string, files: readonly ShardFile[]) {
  for (const { path, bytes, sha256 } of files) {
    const full = join(folder, path);
    const size = await Deno.stat(full).then(({ size }) => size, () => -1);
    if (size !== bytes || await hashFile(full) !== sha256) return full;
  }
}

/** In what a shard's settings differ from those asked for now, in words. */
function differences(known: ShardState, settings: ShardState["settings"]): string | null {
  const different = identityDifferences(known.settings, settings);
  return different.length === 0 ? null : listText(different);
}

/** Says which other shards are running on the same GPU of the same machine. */
async function noteSharedGpu(
  folder: string,
  { device, host }: ShardState,
  onNote: (note: string) => void,
): Promise<void> {
  if (!device.includes("/dev/")) return;
  for (const shard of foundShards(folder)) {
    const other = await readShardState(folder, shard);
    if (other?.state !== "running" || other.host !== host || other.device !== device) continue;
    onNote(
      `shard ${
        shardText(shard)
      } is running on the same GPU (${device}): give each its own, with --gpu`,
    );
  }
}

/**
 * Does a shard's part, goes on with one that was stopped, or, if it is complete, does nothing.
 * Started twice at once, the second waits for the first.
 *
 * @param folder Of the results of all.
 * @throws {Error} if the shard was begun with other settings, or as `record` does; its file says so.
 */
export async function recordShard(
  folder: string,
  shard: Shard,
  { settings, device, record, onNote = () => {}, signal }: RecordShardOptions,
): Promise<ShardState> {
  const onWait = (host: string) =>
    onNote(`shard ${shardText(shard)} is running on ${host}: waiting for it`);
  using claim = await ShardClaim.take(folder, shard, { signal, onWait });
  const own = shardFolder(folder, shard);
  const known = await readShardState(folder, shard);
  if (known) {
    const different = differences(known, settings);
    if (different !== null) {
      throw new Error(
        `Cannot continue shard ${shardText(shard)} of ${folder}: it was begun with other ` +
          `settings, ${different}; put them back, or remove ${own} and ${own}.json`,
      );
    }
    if (known.state === "complete" && await changedFile(own, known.files) === undefined) {
      return known;
    }
  }
  const startedAt = new Date().toISOString();
  const about = { settings, device, host: hostname(), pid: Deno.pid };
  const state: ShardState = {
    ...{ ...shard, state: "running", ...about, startedAt, updatedAt: startedAt, files: [] },
  };
  await noteSharedGpu(folder, state, onNote);
  await writeShardState(folder, state);
  const lost = new AbortController();
  const stop = AbortSignal.any([lost.signal, ...signal ? [signal] : []]);
  const onLost = (error: Error) => lost.abort(error);
  {
    using _beat = beat(folder, state, { claim, onLost });
    try {
      await record(own, stop);
      stop.throwIfAborted();
      Object.assign(state, { state: "complete", files: await describeFiles(own) });
    } catch (error) {
      // Whoever has taken the shard writes its file now.
      if (lost.signal.aborted) throw lost.signal.reason;
      const message = error instanceof Error ? error.message : String(error);
      Object.assign(state, { state: signal?.aborted ? "interrupted" : "failed", error: message });
      throw error;
    } finally {
      state.finishedAt = state.updatedAt = new Date().toISOString();
      if (!lost.signal.aborted) await writeShardState(folder, state);
    }
  }
  return state;
}

/** What keeps a shard from being gathered; null if nothing. */
async function obstacle(
  folder: string,
  shard: Shard,
  settings: ShardState["settings"],
): Promise<string | null> {
  const state = await readShardState(folder, shard);
  if (!state) return "not begun";
  const different = differences(state, settings);
  if (different !== null) return `made with other settings, ${different}`;
  const { host, error } = state;
  if (state.state === "running") return `running on ${host}, or killed there`;
  if (state.state === "failed") return `failed: ${error}`;
  if (state.state === "interrupted") return "interrupted";
  const changed = await changedFile(shardFolder(folder, shard), state.files);
  return changed === undefined ? null : `complete, but ${changed} was changed since`;
}

/** The shards of a folder, of which all must be there. */
function allShards(folder: string): Shard[] {
  const found = foundShards(folder);
  const counts = [...new Set(found.map(({ count }) => count))];
  if (counts.length === 1) {
    return Array.from({ length: counts[0] }, (_, i) => ({ index: i + 1, count: counts[0] }));
  }
  if (counts.length === 0) {
    throw new Error(
      `Cannot gather ${folder}: it has no shards; run them first, with --shard 1/N to N/N`,
    );
  }
  throw new Error(
    `Cannot gather ${folder}: it has shards of ${listText(counts.map(String))}; remove from ` +
      `${join(folder, SHARDS)} those that are not meant`,
  );
}

/** How many reasons a message names. */
const NAMED = 5;

/**
 * The shards of a folder, all complete and made with these settings.
 *
 * @throws {Error} naming those that are not, and why.
 */
async function completeShards(
  folder: string,
  settings: ShardState["settings"],
): Promise<ShardState[]> {
  const shards = allShards(folder);
  const found = new Map<string, number[]>();
  for (const shard of shards) {
    const why = await obstacle(folder, shard, settings);
    if (why !== null) found.set(why, [...found.get(why) ?? [], shard.index]);
  }
  if (found.size > 0) {
    const reasons = [...found].sort(([, a], [, b]) => a.length - b.length)
      .map(([why, indices]) => `${rangesText(indices)} (${why})`);
    const more = reasons.length > NAMED ? [`and ${reasons.length - NAMED} other reasons`] : [];
    throw new Error(
      `Cannot gather the ${shards.length} shards of ${folder}: not complete are ` +
        `${[...reasons.slice(0, NAMED), ...more].join("; ")}; run these again with --shard`,
    );
  }
  return await Promise.all(shards.map(async (shard) => (await readShardState(folder, shard))!));
}

function identityOf(text: string): unknown {
  return JSON.parse(text).identity;
}

/** Every line of all, each once: records stand in one shard, samples' ids in all. */
function joinLines(texts: readonly string[]): string {
  const lines = new Set(texts.flatMap((text) => text.split("\n")));
  lines.delete("");
  return [...lines].map((line) => `${line}\n`).join("");
}

/**
 * A file of all shards as one.
 *
 * @throws {Error} if they say that they are of different runs.
 */
async function joinParts(paths: readonly string[]): Promise<string | Uint8Array> {
  if (!/\.jsonl?$/.test(paths[0])) return await Deno.readFile(paths[0]);
  const texts: string[] = [];
  for (const path of paths) texts.push(await Deno.readTextFile(path));
  if (paths[0].endsWith(".jsonl")) return joinLines(texts);
  const [first, ...others] = texts.map(identityOf);
  others.forEach((identity, i) => {
    const different = identityDifferences(first ?? null, identity ?? null);
    if (different.length === 0) return;
    throw new Error(
      `Cannot gather ${paths[i + 1]}: it is not of the run of ${paths[0]}, but differs in ` +
        listText(different),
    );
  });
  return texts[0];
}

/**
 * Puts the records of all shards together in a folder of results, as a run on one machine would have
 * them there. Shards stay as they are.
 *
 * @param settings Of the run that goes on with them.
 * @returns What the shards say of themselves.
 * @throws {Error} before anything is written, if a shard is missing, not complete, damaged, or made
 * with other settings; each is named.
 */
export async function gatherShards(
  folder: string,
  settings: ShardState["settings"],
): Promise<ShardState[]> {
  const states = await completeShards(folder, settings);
  const files = Map.groupBy(
    states.flatMap((state) => state.files.map(({ path }) => ({ shard: state, path }))),
    ({ path }) => path,
  );
  const partsOf = (path: string) =>
    files.get(path)!.map(({ shard }) => join(shardFolder(folder, shard), path));
  // These say whose the records are: all are compared before the first file is written.
  const [identities, others] = [true, false].map((json) =>
    [...files.keys()].filter((path) => path.endsWith(".json") === json)
  );
  const texts = new Map<string, string | Uint8Array>();
  for (const path of identities) texts.set(path, await joinParts(partsOf(path)));
  for (const path of [...identities, ...others]) {
    const content = texts.get(path) ?? await joinParts(partsOf(path));
    await writeAtomically(join(folder, path), content);
  }
  return states;
}
