/**
 * A run in shards on a cluster: sent, looked at, sent again.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../atomic_write.ts";
import { identityDifferences } from "../experiments/mod.ts";
import { listText } from "../list_text.ts";
import { readReport } from "../read_report.ts";
import { readShardState, type ShardState } from "../study/mod.ts";
import { type BatchOptions, batchScripts } from "./batch_scripts.ts";
import { queuedJobs, sendBatch } from "./slurm.ts";

/** Folder of scripts and logs in a folder of results. */
const FOLDER = "slurm";

const submissionSchema = z.object({
  shards: z.int().min(1),
  command: z.array(z.string()),
  /** Ids of the jobs that were sent, the latest last. */
  jobs: z.array(z.object({ kind: z.enum(["prefetch", "shard", "gather"]), id: z.string() })),
});

/** What was sent. */
type Submission = z.infer<typeof submissionSchema>;

const pathOf = (results: string) => join(results, FOLDER, "submission.json");

async function readSubmission(results: string): Promise<Submission | null> {
  const path = pathOf(results);
  if (!await Deno.stat(path).then(() => true, () => false)) return null;
  return readReport(path, submissionSchema);
}

/** Options of {@linkcode submitShards}. */
export interface SubmitOptions extends Omit<BatchOptions, "folder" | "tasks"> {
  /** Folder of the run's results. */
  results: string;
  /** Writes the scripts and sends nothing. */
  dryRun?: boolean;
}

/** What {@linkcode submitShards} did. */
export interface Submitted {
  /** Paths of the scripts. */
  scripts: string[];
  /** The tasks that are, or would be, sent. */
  tasks: number[];
  /** Ids by kind; empty for a dry run. */
  jobs: Submission["jobs"];
}

async function statesOf(results: string, count: number): Promise<(ShardState | null)[]> {
  const indices = Array.from({ length: count }, (_, i) => i + 1);
  return await Promise.all(indices.map((index) => readShardState(results, { index, count })));
}

/** @throws {Error} if the run was sent before with other options. */
function checkUnchanged(
  results: string,
  before: Submission,
  now: Pick<Submission, "shards" | "command">,
) {
  const { shards, command } = before;
  const different = identityDifferences({ shards, command }, now);
  if (different.length === 0) return;
  throw new Error(
    `Cannot submit ${results}: it was submitted before with other options, ${
      listText(different)
    }; ` +
      `put them back, or remove ${join(results, FOLDER)} and ${join(results, "shards")}`,
  );
}

/**
 * Writes the batch scripts and sends them: what must be fetched, an array of the shards that are not
 * complete, and the job that gathers them when they are.
 *
 * @throws {Error} if jobs of the run are queued or running, it was sent with other options, or
 * Slurm refuses; what was sent by then is recorded, and said.
 */
export async function submitShards(
  { results, dryRun = false, ...options }: SubmitOptions,
): Promise<Submitted> {
  const { shards, command } = options;
  const before = await readSubmission(results);
  if (before) {
    checkUnchanged(results, before, { shards, command: [...command] });
    if (!dryRun) {
      const [job] = await queuedJobs(before.jobs.map(({ id }) => id));
      if (job) {
        throw new Error(
          `Cannot submit ${results}: its job ${job.id} is ${job.state.toLowerCase()}; wait for it ` +
            `(deno task submit --status), or end it (scancel ${job.id})`,
        );
      }
    }
  }
  const states = await statesOf(results, shards);
  const tasks = states.flatMap((state, i) => state?.state === "complete" ? [] : [i + 1]);
  const folder = join(results, FOLDER);
  const { paths, texts } = batchScripts({ ...options, folder, tasks });
  for (const [path, text] of texts) await writeAtomically(path, text);
  const scripts = [...texts.keys()];
  if (dryRun) return { scripts, tasks, jobs: [] };
  const sent: Submission["jobs"] = [];
  const send = async (kind: Submission["jobs"][number]["kind"], path: string, after: string[]) => {
    const id = await sendBatch(path, after).catch((cause: Error) => {
      const done = sent.map(({ kind, id }) => `${kind} is job ${id}`);
      const more = done.length > 0 ? `; sent before: ${listText(done)} (scancel ends it)` : "";
      throw new Error(`Cannot submit ${path}: ${cause.message}${more}`, { cause });
    });
    sent.push({ kind, id });
    const jobs = [...before?.jobs ?? [], ...sent];
    await writeAtomically(
      pathOf(results),
      JSON.stringify({ shards, command, jobs }, null, 2) + "\n",
    );
    return [id];
  };
  let after: string[] = [];
  if (tasks.length > 0) {
    if (paths.prefetch !== null) after = await send("prefetch", paths.prefetch, []);
    after = await send("shard", paths.shard, after);
  }
  await send("gather", paths.gather, after);
  return { scripts, tasks, jobs: sent };
}

/** A shard of a submission. */
export interface ShardStatus {
  shard: number;
  /** "complete", "running", "queued", "failed", "interrupted", "killed" or "not begun". */
  state: string;
  /** What it or Slurm says of that. */
  detail: string;
  /** End of the log of one that failed. */
  log: string[];
}

/** Lines of a log that are shown. */
const TAIL = 5;

async function tailOf(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.trimEnd().split("\n").filter((line) => line !== "").slice(-TAIL);
}

/** The task numbers that squeue's "2,5-7%4" stands for. */
function tasksOf(text: string): number[] {
  return text.replace(/%.*/, "").split(",").flatMap((part) => {
    const [from, to = from] = part.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/**
 * How the shards of a submission stand.
 *
 * @throws {Error} if nothing was submitted, or Slurm does not answer.
 */
export async function submissionStatus(
  results: string,
): Promise<{ shards: ShardStatus[]; gather: string }> {
  const submission = await readSubmission(results);
  if (!submission) {
    throw new Error(`Cannot tell how ${results} stands: nothing of it was submitted`);
  }
  const queue = await queuedJobs(submission.jobs.map(({ id }) => id));
  const kindOf = new Map(submission.jobs.map(({ id, kind }) => [id, kind]));
  const tasks = new Map(
    queue.filter(({ id }) => kindOf.get(id) === "shard").flatMap((job) =>
      job.tasks === null ? [] : tasksOf(job.tasks).map((task) => [task, job] as const)
    ),
  );
  const states = await statesOf(results, submission.shards);
  const shards = await Promise.all(states.map(async (own, i): Promise<ShardStatus> => {
    const shard = i + 1;
    const job = tasks.get(shard);
    const at = own ? `${own.host}, ${own.device}` : "";
    const status = (state: string, detail: string, log: string[] = []) => ({
      ...{ shard, state, detail, log },
    });
    if (own?.state === "complete") return status("complete", at);
    if (job && own?.state === "running" && job.state === "RUNNING") return status("running", at);
    if (job) return status(job.state.toLowerCase(), job.reason);
    if (!own) return status("not begun", "");
    const log = await tailOf(join(results, FOLDER, `shard-${shard}.log`));
    if (own.state === "running") return status("killed", `last heard of ${own.updatedAt}`, log);
    return status(own.state, own.error ?? "", own.state === "failed" ? log : []);
  }));
  const gather = queue.find(({ id }) => kindOf.get(id) === "gather");
  return {
    shards,
    gather: gather
      ? `${gather.state.toLowerCase()} (job ${gather.id}: ${gather.reason})`
      : `not in the queue; see ${join(results, FOLDER, "gather.log")}`,
  };
}
