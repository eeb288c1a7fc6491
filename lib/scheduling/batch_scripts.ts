/**
 * The batch scripts of a run in shards: to be read, and edited, before they are sent.
 *
 * @module
 */
import { join } from "node:path";
import { rangesText } from "../shard.ts";

/** What the scripts say. */
export interface BatchOptions {
  /** Name of the jobs. */
  name: string;
  /** Folder of scripts and logs. */
  folder: string;
  /** Folder that commands run in. */
  cwd: string;
  /** The command of the whole run, to which `--shard`, `--gather` or `--prefetch` is added. */
  command: readonly string[];
  shards: number;
  /** Tasks of the array that are sent; default all. */
  tasks?: readonly number[];
  /** Whether checkpoints or questions must be fetched first. */
  prefetch: boolean;
  cpusPerTask?: number;
  gpusPerTask?: number;
  /** Time limit of a shard, as Slurm writes it. */
  time?: string;
  partition?: string;
  /** Further options of sbatch, for all jobs. */
  more?: readonly string[];
}

/** The scripts' paths. */
export interface BatchScripts {
  /** Null where there is nothing to fetch. */
  prefetch: string | null;
  shard: string;
  gather: string;
}

/** Seconds before its time is up at which a shard is told to end. */
const NOTICE = 120;

/** A word as bash reads it back, whatever it holds. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const directive = (text: string) => `#SBATCH ${text}`;
const inQuotes = (path: string) => /^[\w@%+=:,./-]+$/.test(path) ? path : `"${path}"`;

function header(
  { name, folder, partition, more = [] }: BatchOptions,
  { job, log, lines = [] }: { job: string; log: string; lines?: readonly string[] },
): string[] {
  return [
    "#!/bin/bash",
    directive(`--job-name=${name}-${job}`),
    directive(`--output=${inQuotes(join(folder, log))}`),
    directive("--open-mode=append"),
    ...partition === undefined ? [] : [directive(`--partition=${partition}`)],
    ...lines.map(directive),
    ...more.map(directive),
    "set -euo pipefail",
  ];
}

function resources({ cpusPerTask, gpusPerTask }: BatchOptions): string[] {
  return [
    "--ntasks=1",
    ...cpusPerTask === undefined ? [] : [`--cpus-per-task=${cpusPerTask}`],
    ...gpusPerTask === undefined ? [] : [`--gpus-per-task=${gpusPerTask}`],
  ];
}

function run({ cwd, command }: BatchOptions, flag: string): string[] {
  return [`cd ${quoted(cwd)}`, `${command.map(quoted).join(" ")} ${flag}`];
}

function prefetchScript(options: BatchOptions): string {
  return [
    "# Fetches checkpoints and questions once, before the shards need them.",
    ...run(options, "--prefetch"),
  ].join("\n");
}

function shardScript(options: BatchOptions): string {
  const { cwd, command, shards, gpusPerTask } = options;
  const oneGpu = gpusPerTask === 1
    ? [
      "# The runtime takes the first GPU that it can open: show it this task's alone.",
      "gpu=()",
      'if [[ "${SLURM_JOB_GPUS:-}" =~ ^[0-9]+$ ]] && unshare --map-root-user --mount true 2>&-; then',
      '  gpu=(--gpu "$SLURM_JOB_GPUS")',
      "fi",
    ]
    : ["gpu=()"];
  return [
    `# One of ${shards} shards. Its records stay; a task that is sent again goes on from them.`,
    `cd ${quoted(cwd)}`,
    ...oneGpu,
    `${command.map(quoted).join(" ")} --shard "$SLURM_ARRAY_TASK_ID/${shards}" "\${gpu[@]}" &`,
    "shard=$!",
    "told=0",
    "# Told to end, by preemption or because the time is nearly up: let the shard write what it has.",
    `trap 'told=1; kill -TERM "$shard" 2>&- || true' TERM`,
    "# A signal ends a wait early, so wait until the shard is gone.",
    "while code=0; wait \"$shard\" || code=$?; kill -0 \"$shard\" 2>&-; do :; done",
    "if (( code == 75 && told )); then",
    "  # Unless it is being cancelled, the task goes on when Slurm has room for it. It is named by array",
    "  # and task: one task of an array has the number of the whole array for its own.",
    '  task="${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"',
    '  if scontrol show job "$task" | grep -q JobState=RUNNING; then',
    '    echo "Queued again"',
    '    scontrol requeue "$task"',
    "    sleep 60",
    "  fi",
    "fi",
    'exit "$code"',
  ].join("\n");
}

function gatherScript(options: BatchOptions): string {
  return [
    "# When all shards are complete: tables, notebooks, figures and the report.",
    ...run(options, "--gather"),
  ].join("\n");
}

/** The texts of the scripts, by path. */
export function batchScripts(
  options: BatchOptions,
): { paths: BatchScripts; texts: Map<string, string> } {
  const { folder, time, shards, tasks, prefetch } = options;
  const texts = new Map<string, string>();
  const add = (job: string, lines: readonly string[], body: string, log = `${job}.log`) => {
    const path = join(folder, `${job}.sh`);
    texts.set(path, [...header(options, { job, log, lines }), "", body, ""].join("\n"));
    return path;
  };
  const limit = time === undefined ? [] : [`--time=${time}`];
  const paths = {
    prefetch: prefetch ? add("prefetch", ["--ntasks=1"], prefetchScript(options)) : null,
    shard: add(
      "shard",
      [
        `--array=${rangesText(tasks ?? Array.from({ length: shards }, (_, i) => i + 1))}`,
        "--requeue",
        `--signal=B:TERM@${NOTICE}`,
        ...limit,
        ...resources(options),
      ],
      shardScript(options),
      "shard-%a.log",
    ),
    gather: add("gather", [...limit, ...resources(options)], gatherScript(options)),
  };
  return { paths, texts };
}
