/**
 * The batch scripts of a run in shards: to be read, and edited, before they are sent.
 *
 * @module
 */
import { join } from "node:path";
import { rangesText } from "../shard.ts";
import { shellWord } from "../shell_word.ts";

/** What the scripts say. */
export interface BatchOptions {
  name: string;
  /** Folder of scripts and logs. */
  folder: string;
  /** Folder that commands run in. */
  cwd: string;
  /** The command of the whole run, to which `--shard`, `--gather` or `--prefetch` is added. */
  command: readonly string[];
  shards: number;
  /** Shards that are sent; default all. */
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
  /** Seconds before a shard's time is up at which it is told to end; default 120. */
  notice?: number;
}

const NOTICE = 120;

/** A word of an #SBATCH line, which knows quotes but no escapes of its own. */
function directiveWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!/["\\\n]/.test(word)) return `"${word}"`;
  throw new Error(
    `Cannot write a batch script with ${
      JSON.stringify(word)
    }: Slurm reads no quotes, backslashes ` +
      "or line ends there; use another name, or a link that has one",
  );
}

interface Job {
  kind: string;
  log: string;
  lines: readonly string[];
}

function header(
  { name, folder, partition, more = [] }: BatchOptions,
  { kind, log, lines }: Job,
): string[] {
  const options = [
    `--job-name=${name}-${kind}`,
    // In the folder's name % is no placeholder.
    `--output=${join(folder.replaceAll("%", "%%"), log)}`,
    "--open-mode=append",
    ...partition === undefined ? [] : [`--partition=${partition}`],
    ...lines,
    ...more,
  ];
  return ["#!/bin/bash", ...options.map((option) => `#SBATCH ${directiveWord(option)}`)];
}

function resources({ time, cpusPerTask, gpusPerTask }: BatchOptions): string[] {
  return [
    ...time === undefined ? [] : [`--time=${time}`],
    "--ntasks=1",
    ...cpusPerTask === undefined ? [] : [`--cpus-per-task=${cpusPerTask}`],
    ...gpusPerTask === undefined ? [] : [`--gpus-per-task=${gpusPerTask}`],
  ];
}

/** Goes to the commands' folder and names the command, a line a flag. */
function commandLines({ cwd, command, prefetch }: BatchOptions, flag: string): string[] {
  const words = [...command.map(shellWord), flag];
  const lines = words.reduce<string[]>((lines, word) => {
    if (word.startsWith("--") || lines.length === 0) lines.push(word);
    else lines.push(`${lines.pop()} ${word}`);
    return lines;
  }, []);
  return [
    "set -euo pipefail",
    `cd ${shellWord(cwd)}`,
    // All shards take what was fetched, also if something newer is published meanwhile.
    ...prefetch && flag !== "--prefetch" ? ["export HF_HUB_OFFLINE=1"] : [],
    "command=(",
    ...lines.map((line) => `  ${line}`),
    ")",
  ];
}

/** Hides other tasks' GPUs, where the machine lets a task do so and Slurm gave it one. */
const ONE_GPU = `
# The runtime takes the first GPU that it can open: hide those of others.
if [[ "\${SLURM_JOB_GPUS:-}" =~ ^[0-9]+$ ]] && unshare --map-root-user --mount true 2>&-; then
  command+=(--gpu "$SLURM_JOB_GPUS")
fi`;

/** Starts the shard, hands on what Slurm tells it, and sends it back to the queue. */
const runShard = (notice: number) => `
# Told to end, by preemption or since the time is nearly up: let the shard write what it has. One that
# takes too long to notice is killed; it goes on from its records.
told=0
shard=
tell() {
  told=1
  [[ -n "$shard" ]] || return 0
  kill -TERM "$shard" 2>&- || true
  { sleep ${Math.round(0.75 * notice)}; kill -KILL "$shard"; } >&- 2>&- &
}
trap tell TERM
"\${command[@]}" &
shard=$!
# It may have been told before it began.
if (( told )); then tell; fi
# A signal ends a wait early: wait until the shard is gone.
while code=0; wait "$shard" || code=$?; kill -0 "$shard" 2>&-; do :; done

# 75: it was interrupted. Unless it is being cancelled, it goes on when Slurm has room for it. The
# task is named by array and number: the id of an array's last task is that of the whole array.
if (( code == 75 || told && code == 137 )); then
  task="\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
  if scontrol show job "$task" | grep -q JobState=RUNNING; then
    echo "Shard $SLURM_ARRAY_TASK_ID goes back to the queue"
    scontrol requeue "$task" && sleep 60
  fi
fi
exit "$code"`;

/** The paths of the scripts, none where there is nothing to fetch, and their texts by path. */
export function batchScripts(options: BatchOptions) {
  const { folder, shards, tasks, prefetch, gpusPerTask, notice = NOTICE } = options;
  const all = Array.from({ length: shards }, (_, i) => i + 1);
  const texts = new Map<string, string>();
  const add = (job: Job, what: string, body: readonly string[]) => {
    const path = join(folder, `${job.kind}.sh`);
    texts.set(path, [...header(options, job), `# ${what}`, ...body, ""].join("\n"));
    return path;
  };
  const run = '\n"${command[@]}"';
  const paths = {
    prefetch: !prefetch ? null : add(
      { kind: "prefetch", log: "prefetch.log", lines: ["--ntasks=1"] },
      "Fetches what the shards need of the hub, once.",
      [...commandLines(options, "--prefetch"), run],
    ),
    shard: add(
      {
        kind: "shard",
        log: "shard-%a.log",
        lines: [
          `--array=${rangesText(tasks ?? all)}`,
          "--requeue",
          `--signal=B:TERM@${notice}`,
          ...resources(options),
        ],
      },
      `One of ${shards} shards. Sent again, it goes on from its records.`,
      [
        ...commandLines(options, `--shard "$SLURM_ARRAY_TASK_ID/${shards}"`),
        ...gpusPerTask === undefined ? [] : [ONE_GPU],
        runShard(notice),
      ],
    ),
    gather: add(
      { kind: "gather", log: "gather.log", lines: resources(options) },
      "When all shards are complete: tables, notebooks, figures and the report.",
      [...commandLines(options, "--gather"), run],
    ),
  };
  return { paths, texts };
}
