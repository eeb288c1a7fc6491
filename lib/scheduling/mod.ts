/**
 * Slurm: a run in shards as an array of jobs that is sent, watched, and sent again.
 *
 * @module
 */
export { type SubmitOptions, submitShards, type Submitted } from "./submission.ts";
export { type PartStatus, submissionStatus } from "./submission_status.ts";
