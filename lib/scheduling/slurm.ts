/**
 * The commands of Slurm.
 *
 * @module
 */
import { oneLine } from "../plain_text.ts";

/** Runs one of Slurm's commands. */
async function slurm(command: string, args: readonly string[]): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(command, { args: [...args], stdin: "null" }).output();
  } catch (cause) {
    throw new Error(
      `Cannot run ${command}: there is no such program on the path; run this where Slurm's ` +
        "commands are, or run the shards yourself, with deno task reproduce --shard 1/N to N/N",
      { cause },
    );
  }
  const { success, stdout, stderr } = output;
  const text = new TextDecoder();
  if (success) return text.decode(stdout).trim();
  throw new Error(
    `${command} refused: ${oneLine(text.decode(stderr).trim() || text.decode(stdout))}`,
  );
}

/**
 * Sends a batch script.
 *
 * @param after Jobs that must have ended well before it starts.
 * @returns The job's id.
 * @throws {Error} if there is no sbatch, or it refuses; says what it says.
 */
export async function sendBatch(script: string, after: readonly string[] = []): Promise<string> {
  const dependency = after.length === 0
    ? []
    : [`--dependency=afterok:${after.join(":")}`, "--kill-on-invalid-dep=yes"];
  const answer = await slurm("sbatch", ["--parsable", ...dependency, script]);
  // With several clusters: ID;CLUSTER.
  const [id] = answer.split("\n").at(-1)!.split(";");
  if (/^\d+$/.test(id)) return id;
  throw new Error(`sbatch gave no job's number but ${JSON.stringify(oneLine(answer))}`);
}

/** A job, or a task of an array, that is queued or running. */
export interface QueuedJob {
  id: string;
  /** Of an array; null for a job that is none. */
  tasks: string | null;
  /** As Slurm says it, e.g. PENDING, RUNNING, COMPLETING. */
  state: string;
  /** Why it waits, or where it runs. */
  reason: string;
}

/** Those of the jobs that are queued or running. */
export async function queuedJobs(ids: readonly string[]): Promise<QueuedJob[]> {
  if (ids.length === 0) return [];
  // All of the user's jobs: asked for one that is long gone, squeue fails.
  const text = await slurm("squeue", ["--noheader", "--me", "--format=%F|%K|%T|%R"]);
  return text.split("\n").flatMap((line) => {
    const [id, tasks, state, reason] = line.trim().split("|");
    if (!ids.includes(id)) return [];
    return [{ id, tasks: tasks === "N/A" ? null : tasks, state, reason }];
  });
}
