/**
 * What a shard says of itself beside its folder, and its claim on it: one process at a time, also
 * where several machines share the folder and its locks are weak.
 *
 * @module
 */
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../atomic_write.ts";
import { readReport } from "../read_report.ts";
import { type Shard, shardText } from "../shard.ts";

const fileSchema = z.object({ path: z.string(), bytes: z.int(), sha256: z.string() });

const stateSchema = z.object({
  index: z.int().min(1),
  count: z.int().min(1),
  state: z.enum(["running", "complete", "interrupted", "failed"]),
  /** What is computed and how: the same in all shards of a run. */
  settings: z.record(z.string(), z.unknown()),
  startedAt: z.string(),
  /** While it runs, written anew every few seconds. */
  updatedAt: z.string(),
  finishedAt: z.string().optional(),
  host: z.string(),
  pid: z.int(),
  /** Where its models run, and the GPU's name and driver. */
  device: z.string(),
  error: z.string().optional(),
  /** Its records, when it is complete. */
  files: z.array(fileSchema).default([]),
});

/** A shard, as its file says. */
export type ShardState = z.infer<typeof stateSchema>;

/** Folder of all shards in a folder of results. */
export const SHARDS = "shards";

/** A shard's own folder in a folder of results: shards/shard-3-of-8. */
export function shardFolder(folder: string, { index, count }: Shard): string {
  return join(folder, SHARDS, `shard-${index}-of-${count}`);
}

/** Path of what a shard says of itself. */
function statePath(folder: string, shard: Shard): string {
  return `${shardFolder(folder, shard)}.json`;
}

/**
 * What a shard says of itself; null if nothing.
 *
 * @throws {Error} if the file is damaged.
 */
export async function readShardState(folder: string, shard: Shard): Promise<ShardState | null> {
  const path = statePath(folder, shard);
  if (!await Deno.stat(path).then(() => true, () => false)) return null;
  return readReport(path, stateSchema);
}

/** Writes what a shard says of itself. */
export async function writeShardState(folder: string, state: ShardState): Promise<void> {
  await writeAtomically(statePath(folder, state), JSON.stringify(state, null, 2) + "\n");
}

/** The shards that a folder has anything of, in order. */
export function foundShards(folder: string): Shard[] {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(join(folder, SHARDS))];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const shards = entries.flatMap(({ name }) => {
    const [, index, count] = /^shard-(\d+)-of-(\d+)\.json$/.exec(name)?.map(Number) ?? [];
    return count === undefined ? [] : [{ index, count }];
  });
  return shards.sort((a, b) => a.count - b.count || a.index - b.index);
}

/** A running shard writes its file this often, and is taken for dead after that long a silence. */
const BEAT_MS = 10_000;
const SILENCE_MS = 90_000;
/** Pause between two looks at another process's claim. */
const LOOK_MS = 200;

const claimSchema = z.object({ host: z.string(), pid: z.int(), token: z.string() });
type Claim = z.infer<typeof claimSchema>;

function readClaim(path: string): Claim | null {
  try {
    return claimSchema.parse(JSON.parse(Deno.readTextFileSync(path)));
  } catch {
    return null;
  }
}

/** Whether a process of this machine has ended; false where that cannot be known. */
function hasEnded({ host, pid }: Claim): boolean {
  if (host !== hostname()) return false;
  try {
    // The signal that asks for nothing: it only fails if there is no such process.
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as { code?: string }).code === "ESRCH";
  }
}

/** Milliseconds since anything was heard of a claim. */
function silence(claim: string, state: string): number {
  const times = [claim, state].map((path) => {
    try {
      return Deno.statSync(path).mtime?.getTime() ?? 0;
    } catch {
      return 0;
    }
  });
  return Date.now() - Math.max(...times);
}

/** Takes a dead process's claim away; of several that try, one succeeds. */
function removeClaim(path: string) {
  const aside = `${path}.${crypto.randomUUID().slice(0, 8)}`;
  try {
    Deno.renameSync(path, aside);
    Deno.removeSync(aside);
  } catch {
    // Another process was faster.
  }
}

/** A shard that is this process's alone, until it is disposed of. */
export class ShardClaim implements Disposable {
  readonly #path: string;
  readonly #token: string;

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /**
   * Waits until no other process has the shard. A claim is made by creating a file that must not be
   * there, which one process alone can do on any file system.
   *
   * @throws What the signal was aborted with.
   */
  static async take(
    folder: string,
    shard: Shard,
    { signal, onWait }: { signal?: AbortSignal; onWait?: (host: string) => void } = {},
  ): Promise<ShardClaim> {
    const path = `${shardFolder(folder, shard)}.claim`;
    const claim: Claim = { host: hostname(), pid: Deno.pid, token: crypto.randomUUID() };
    Deno.mkdirSync(join(folder, SHARDS), { recursive: true });
    for (let waited = false;; waited = true) {
      signal?.throwIfAborted();
      try {
        Deno.writeTextFileSync(path, JSON.stringify(claim), { createNew: true });
        return new ShardClaim(path, claim.token);
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
      const other = readClaim(path);
      const quiet = silence(path, statePath(folder, shard));
      if (quiet > SILENCE_MS || other !== null && hasEnded(other)) {
        removeClaim(path);
        continue;
      }
      if (!waited) onWait?.(other?.host ?? "another machine");
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** @throws {Error} if another process took the shard, since this one was silent for long. */
  confirm() {
    const there = readClaim(this.#path);
    if (there?.token === this.#token) return;
    throw new Error(
      `Cannot go on: another process${there ? ` (${there.pid} of ${there.host})` : ""} has taken ` +
        "this shard, since nothing was heard of this one",
    );
  }

  [Symbol.dispose]() {
    if (readClaim(this.#path)?.token === this.#token) removeClaim(this.#path);
  }
}

/** Says of a shard every few seconds that it runs; ends when it is disposed of. */
export function beat(
  folder: string,
  state: ShardState,
  { claim, onLost }: { claim: ShardClaim; onLost: (error: Error) => void },
): Disposable {
  const timer = setInterval(async () => {
    try {
      claim.confirm();
      if (state.state !== "running") return;
      state.updatedAt = new Date().toISOString();
      await writeShardState(folder, state);
    } catch (error) {
      onLost(new Error(`${shardText(state)}: ${(error as Error).message}`, { cause: error }));
    }
  }, BEAT_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
