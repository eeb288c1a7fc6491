/**
 * Slurm: a run in shards as an array of jobs that is sent, watched, and sent again.
 *
 * @module
 */
export { type ShardStatus, submissionStatus, submitShards, type Submitted } from "./submission.ts";
