/**
 * The commands of Slurm.
 *
 * @module
 */
import { join } from "node:path";
import { oneLine } from "../plain_text.ts";

/** Where Slurm's programs are; empty: on the path. */
let programs = "";

/** Says in which folder Slurm's programs are, where they are not on the path. */
export function findProgramsIn(folder: string) {
  programs = folder;
}

/** Runs one of Slurm's commands. */
async function slurm(command: string, args: readonly string[]): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(join(programs, command), { args: [...args], stdin: "null" })
      .output();
  } catch (cause) {
    throw new Error(
      `there is no ${command} on the path; run this where Slurm's commands are, or run the ` +
        "shards yourself, with deno task reproduce --shard 1/N to N/N and then --gather",
      { cause },
    );
  }
  const { success, stdout, stderr } = output;
  const text = new TextDecoder();
  if (success) return text.decode(stdout).trim();
  throw new Error(
    `${command} refuses: ${oneLine(text.decode(stderr).trim() || text.decode(stdout))}`,
  );
}

/**
 * Sends a batch script.
 *
 * @param after Jobs that must have ended well before it starts; it is taken out of the queue if one
 * has not.
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
  throw new Error(`sbatch gives no number of a job but ${JSON.stringify(oneLine(answer))}`);
}

/** Takes jobs out of the queue; one that cannot be is left. */
export async function cancelJobs(ids: readonly string[]): Promise<void> {
  for (const id of ids) await slurm("scancel", [id]).catch(() => {});
}

/** A job, or one task of an array. */
export interface SlurmJob {
  id: string;
  /** Of an array; null for a job that is none. */
  task: number | null;
  /** As Slurm says it, e.g. PENDING, RUNNING, COMPLETING, TIMEOUT. */
  state: string;
  /** Why it waits or where it runs; of one that has ended, its exit code. */
  detail: string;
}

/** Reads lines of `ID|TASK|STATE|DETAIL`. */
function readJobs(text: string, ids: readonly string[]): SlurmJob[] {
  return text.split("\n").flatMap((line) => {
    const [id, task, state = "", ...detail] = line.trim().split("|");
    if (!ids.includes(id)) return [];
    const number = /^\d+$/.test(task) ? Number(task) : null;
    // "CANCELLED by 1000"
    return [{ id, task: number, state: state.split(" ")[0], detail: detail.join("|") }];
  });
}

/**
 * Those of the jobs that are queued or running, each task of an array by itself.
 *
 * @throws {Error} if there is no squeue, or it refuses.
 */
export async function queuedJobs(ids: readonly string[]): Promise<SlurmJob[]> {
  if (ids.length === 0) return [];
  // All of the user's jobs: asked for one that is long gone, squeue fails. Without --array, tasks
  // that wait come as "1-53:2", or cut off.
  const format = "--format=%F|%K|%T|%R";
  return readJobs(await slurm("squeue", ["--noheader", "--me", "--array", format]), ids);
}

/** What Slurm's accounting says of jobs; nothing where there is none. */
export async function endedJobs(ids: readonly string[]): Promise<SlurmJob[]> {
  if (ids.length === 0) return [];
  const columns = ["--noheader", "--parsable2", "--allocations", "--format=JobID,State,ExitCode"];
  const text = await slurm("sacct", [...columns, `--jobs=${ids.join(",")}`]).catch(() => "");
  // 12_3|TIMEOUT|0:0, and 12|COMPLETED|0:0 for a job that is no array.
  return readJobs(text.replace(/^(\d+)(?:_(\d+))?\|/gm, "$1|$2|"), ids);
}
