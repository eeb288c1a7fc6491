/**
 * How a run stands that was sent to a cluster: what its shards say, and what Slurm says.
 *
 * @module
 */
import { join } from "node:path";
import type { ShardState } from "../study/mod.ts";
import { endedJobs, queuedJobs, type SlurmJob } from "./slurm.ts";
import { batchFolder, readSubmission, shardStates, type Submission } from "./submission.ts";

/** A part of a submission. */
export interface PartStatus {
  /** "prefetch", "1", "2", ..., "gather" */
  part: string;
  /**
   * "complete", "interrupted" or "failed", as it says itself; "killed" if it says that it runs and
   * has no job; what Slurm says of its job, in small letters; "ended" or "not in the queue".
   */
  state: string;
  /** What it or Slurm says of that. */
  detail: string;
  /** End of the log of one that has not ended well. */
  log: string[];
}

/** Lines of a log that are shown. */
const TAIL = 5;

async function endOfLog(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.trimEnd().split("\n").filter((line) => line !== "").slice(-TAIL);
}

const wordsOf = ({ state, detail }: SlurmJob) => {
  const word = state.toLowerCase();
  return detail === "" ? word : `${word} ${detail}`;
};

/** How a shard stands, but for its log. */
function shardStatus(
  own: ShardState | null,
  { queued, ended }: { queued?: SlurmJob; ended?: SlurmJob },
): { state: string; detail: string; isWell: boolean } {
  const place = own ? `${own.host}, ${own.device}` : "";
  if (own?.state === "complete") return { state: "complete", detail: place, isWell: true };
  if (queued) {
    const state = queued.state.toLowerCase();
    const runs = own?.state === "running" && state === "running";
    return { state, detail: runs ? place : queued.detail, isWell: true };
  }
  const slurm = ended ? [`Slurm: ${wordsOf(ended)}`] : [];
  if (!own) return { state: "not in the queue", detail: slurm.join(), isWell: ended === undefined };
  const said = own.state === "running" ? `last heard of ${own.updatedAt}` : own.error ?? "";
  return {
    state: own.state === "running" ? "killed" : own.state,
    detail: [said, ...slurm].filter(Boolean).join("; "),
    isWell: false,
  };
}

/**
 * How the parts of a submission stand, in their order.
 *
 * @throws {Error} if nothing was submitted, or Slurm does not answer.
 */
export async function submissionStatus(results: string): Promise<PartStatus[]> {
  const submission = await readSubmission(results);
  if (!submission) throw new Error(`Cannot say how ${results} stands: nothing of it was submitted`);
  const ids = submission.jobs.map(({ id }) => id);
  const queue = await queuedJobs(ids).catch((cause: Error) => {
    throw new Error(`Cannot say how ${results} stands: ${cause.message}`, { cause });
  });
  const history = await endedJobs(ids);
  const log = (name: string) => endOfLog(join(batchFolder(results), `${name}.log`));
  /** Of several jobs the latest. */
  const jobOf = (
    jobs: readonly SlurmJob[],
    kind: Submission["jobs"][number]["kind"],
    task?: number,
  ) =>
    jobs.findLast((job) =>
      submission.jobs.some((sent) => sent.kind === kind && sent.id === job.id) &&
      job.task === (task ?? null)
    );
  const single = async (kind: "prefetch" | "gather"): Promise<PartStatus> => {
    const queued = jobOf(queue, kind);
    if (queued) {
      const detail = `job ${queued.id} ${queued.detail}`;
      return { part: kind, state: queued.state.toLowerCase(), detail, log: [] };
    }
    const ended = jobOf(history, kind);
    const lines = await log(kind);
    const state = lines.length > 0 ? "ended" : "not in the queue";
    return { part: kind, state, detail: ended ? `Slurm: ${wordsOf(ended)}` : "", log: lines };
  };
  const states = await shardStates(results, submission.shards);
  const shards = await Promise.all(states.map(async (own, i): Promise<PartStatus> => {
    const number = i + 1;
    const jobs = {
      queued: jobOf(queue, "shard", number),
      ended: jobOf(history, "shard", number),
    };
    const { isWell, ...status } = shardStatus(own, jobs);
    return { part: `${number}`, ...status, log: isWell ? [] : await log(`shard-${number}`) };
  }));
  const begun = states.some((state) => state !== null);
  const fetching = !begun && submission.jobs.some(({ kind }) => kind === "prefetch");
  return [...fetching ? [await single("prefetch")] : [], ...shards, await single("gather")];
}
