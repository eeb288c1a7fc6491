/**
 * A run in shards on a cluster: sent, and sent again.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../atomic_write.ts";
import { readReport } from "../read_report.ts";
import { shellWord } from "../shell_word.ts";
import { readShardState, type ShardState } from "../study/mod.ts";
import { type BatchOptions, batchScripts } from "./batch_scripts.ts";
import { cancelJobs, queuedJobs, sendBatch } from "./slurm.ts";

const KINDS = ["prefetch", "shard", "gather"] as const;

const submissionSchema = z.object({
  shards: z.int().min(1),
  options: z.array(z.string()),
  /** Jobs that were sent, the latest last. */
  jobs: z.array(z.object({ kind: z.enum(KINDS), id: z.string() })),
});

/** What was sent of a run. */
export type Submission = z.infer<typeof submissionSchema>;

/** Folder of scripts, logs and what was sent, in a folder of results. */
export const batchFolder = (results: string) => join(results, "slurm");

const recordPath = (results: string) => join(batchFolder(results), "submission.json");

/** What was sent of a run; null if nothing. */
export async function readSubmission(results: string): Promise<Submission | null> {
  const path = recordPath(results);
  if (!await Deno.stat(path).then(() => true, () => false)) return null;
  return readReport(path, submissionSchema);
}

/** What the shards of a run say of themselves, in order; null for one that says nothing. */
export async function shardStates(
  results: string,
  count: number,
): Promise<(ShardState | null)[]> {
  const indices = Array.from({ length: count }, (_, i) => i + 1);
  return await Promise.all(indices.map((index) => readShardState(results, { index, count })));
}

/** Options of {@linkcode submitShards}. */
export interface SubmitOptions extends Omit<BatchOptions, "folder" | "tasks"> {
  results: string;
  /** Words of the command that say what is computed: the same whenever the run is sent. */
  options: readonly string[];
  /** Writes the scripts and sends nothing. */
  dryRun?: boolean;
}

/** What {@linkcode submitShards} did. */
export interface Submitted {
  scripts: string[];
  /** The shards that are, or would be, sent. */
  tasks: number[];
  /** The jobs that were sent; none for a dry run. */
  jobs: Submission["jobs"];
}

const optionsText = ({ shards, options }: Pick<Submission, "shards" | "options">) =>
  ["--shards", `${shards}`, ...options].map(shellWord).join(" ");

/** @throws {Error} if shards were begun with other options. */
async function checkUnchanged(
  results: string,
  before: Submission,
  now: Pick<Submission, "shards" | "options">,
) {
  const [there, here] = [optionsText(before), optionsText(now)];
  if (there === here) return;
  const states = await shardStates(results, before.shards);
  if (states.every((state) => state === null)) return;
  throw new Error(
    `Cannot submit ${results}: its shards were begun with ${there}, and this is ${here}; give the ` +
      `same options, or another --results, or remove ${join(results, "shards")}`,
  );
}

async function checkIdle({ jobs }: Submission) {
  const [job, ...others] = await queuedJobs(jobs.map(({ id }) => id));
  if (!job) return;
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  const task = job.task === null ? "" : `_${job.task}`;
  throw new Error(
    `job ${job.id}${task} of an earlier submission is ${job.state.toLowerCase()}${more}; wait for ` +
      `it (deno task submit --status), or end it (scancel ${
        [...new Set([job, ...others].map(({ id }) => id))].join(" ")
      })`,
  );
}

/** Sends scripts one after the other; takes back what it sent if one is refused. */
async function sendAll(
  { paths, tasks }: { paths: ReturnType<typeof batchScripts>["paths"]; tasks: readonly number[] },
): Promise<Submission["jobs"]> {
  const jobs: Submission["jobs"] = [];
  try {
    for (const kind of KINDS) {
      const path = paths[kind];
      if (path === null || kind !== "gather" && tasks.length === 0) continue;
      jobs.push({ kind, id: await sendBatch(path, jobs.slice(-1).map(({ id }) => id)) });
    }
    return jobs;
  } catch (error) {
    await cancelJobs(jobs.map(({ id }) => id));
    throw error;
  }
}

/**
 * Writes the batch scripts and sends them: what must be fetched, then an array of the shards that
 * are not complete, then the job that gathers them when they are.
 *
 * @throws {Error} if jobs of the run are queued or running, its shards were begun with other
 * options, or Slurm refuses; nothing is left in the queue then.
 */
export async function submitShards(
  { results, dryRun = false, options, command, ...batch }: SubmitOptions,
): Promise<Submitted> {
  const { shards } = batch;
  const before = await readSubmission(results);
  if (before) await checkUnchanged(results, before, { shards, options: [...options] });
  const states = await shardStates(results, shards);
  const tasks = states.flatMap((state, i) => state?.state === "complete" ? [] : [i + 1]);
  const folder = batchFolder(results);
  const whole = [...command, ...options];
  const { paths, texts } = batchScripts({ ...batch, command: whole, folder, tasks });
  const write = async () => {
    for (const [path, text] of texts) await writeAtomically(path, text);
  };
  const scripts = [...texts.keys()];
  if (dryRun) {
    await write();
    return { scripts, tasks, jobs: [] };
  }
  try {
    if (before) await checkIdle(before);
    await write();
    const jobs = await sendAll({ paths, tasks });
    const record = { shards, options, jobs: [...before?.jobs ?? [], ...jobs] };
    await writeAtomically(recordPath(results), JSON.stringify(record, null, 2) + "\n");
    return { scripts, tasks, jobs };
  } catch (cause) {
    throw new Error(`Cannot submit ${results}: ${(cause as Error).message}`, { cause });
  }
}
