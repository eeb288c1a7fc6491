/**
 * A command's work in shards.
 *
 * @module
 */
import { PartRecorded, readShard, type Shard, shardText } from "../shard.ts";
import { gatherShards, recordShard, type ShardState } from "../study/mod.ts";
import { CommandError, type Flags, UsageError } from "./command_line.ts";

/** Which part of the work is done. */
export const SHARD_FLAGS = {
  shard: {
    value: "I/N",
    help: "Do the I-th of N parts of the work, in a folder of its own among the results; env: as " +
      "Slurm's array says, env/N: the I-th by its task or by JOB_COMPLETION_INDEX",
    read: (text: string) => shardOf(text),
  },
  gather: { help: "Put the records of all shards together and finish" },
} as const satisfies Flags;

/** Environment variables of schedulers. */
type Variables = (name: string) => string | undefined;

/** A task's number, from 1, and how many tasks there are, if that is known. */
function scheduledTask(get: Variables): { index: number; count?: number } | null {
  const number = (name: string) => {
    const text = get(name);
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const completion = number("JOB_COMPLETION_INDEX");
  const task = number("SLURM_ARRAY_TASK_ID");
  if (task === undefined) return completion === undefined ? null : { index: completion + 1 };
  const min = number("SLURM_ARRAY_TASK_MIN") ?? 1;
  const [max, count] = [number("SLURM_ARRAY_TASK_MAX"), number("SLURM_ARRAY_TASK_COUNT")];
  // A part of an array, sent again, does not say how many tasks the whole has.
  const whole = max !== undefined && count === max - min + 1;
  return { index: whole ? task - min + 1 : task, count: whole ? count : undefined };
}

/**
 * The shard that a flag asks for: "3/8", "env" or "env/8".
 *
 * @throws {UsageError} if it is none, or no scheduler says which.
 */
export function shardOf(
  text: string,
  get: Variables = (name) => Deno.env.get(name),
): Shard {
  try {
    const [, stated] = /^env(?:\/(\d+))?$/.exec(text.trim()) ?? [];
    if (!/^env\b/.test(text.trim())) return readShard(text);
    const task = scheduledTask(get);
    if (task === null) {
      throw new Error(
        "neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set: write it as 3/8",
      );
    }
    const count = stated ?? task.count;
    if (count === undefined) {
      throw new Error("the scheduler does not say how many there are: write env/8");
    }
    return readShard(`${task.index}/${count}`);
  } catch (error) {
    throw new UsageError(`--shard ${text}: ${(error as Error).message}`, { cause: error });
  }
}

/** Exit code of a shard that was told to end and can go on: "try again". */
const TRY_AGAIN = 75;

/** A part of the work that was done. */
export interface ShardDone {
  shard: string;
  files: number;
}

/** Does a shard's part by a function; says how that ended, and how to go on. */
export async function sayShard(
  shard: Shard,
  signal: AbortSignal,
  record: () => Promise<ShardState>,
): Promise<ShardDone> {
  const text = shardText(shard);
  try {
    const { files } = await record();
    console.log(`Shard ${text} is complete: ${files.length} files`);
    return { shard: text, files: files.length };
  } catch (cause) {
    if (!signal.aborted) throw cause;
    const message = `Shard ${text} was interrupted; the same command goes on with it`;
    throw new CommandError(message, TRY_AGAIN, { cause });
  }
}

/** What an experiment gives; undefined where a shard recorded its part. */
export async function unlessPart<R>(run: () => Promise<R>): Promise<R | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof PartRecorded)) throw error;
  }
}

/**
 * Runs an experiment whole, its part that --shard asks for, or, with --gather, what is left when
 * the parts are together.
 *
 * @param options.output Folder of the results.
 * @param options.settings What all shards must agree on.
 * @param options.run Runs the experiment in a folder.
 * @returns What says so, where only a part was done.
 */
export async function inShards<R>(
  { shard, gather }: { shard?: Shard; gather: boolean },
  { output, settings, device, signal, run }: {
    output: string;
    settings: ShardState["settings"];
    device: string;
    signal: AbortSignal;
    run: (options: { output: string; shard?: Shard; signal: AbortSignal }) => Promise<R>;
  },
): Promise<R | ShardDone> {
  if (shard && gather) throw new UsageError("Give --shard or --gather, not both");
  if (!shard) {
    if (gather) await gatherShards(output, settings);
    return await run({ output, signal });
  }
  return await sayShard(shard, signal, () =>
    recordShard(output, shard, {
      ...{ settings, device, signal },
      onNote: (note) => console.warn(note),
      record: async (own, signal) => {
        await unlessPart(() => run({ output: own, shard, signal }));
      },
    }));
}
