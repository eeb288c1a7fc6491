/**
 * `deno task submit`: a recipe's whole run as jobs of Slurm.
 *
 * @module
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { dataSources } from "../benchmarks/mod.ts";
import { formatTable } from "../figures/mod.ts";
import { type PartStatus, submissionStatus, submitShards } from "../scheduling/mod.ts";
import { rangesText } from "../shard.ts";
import { shellWord } from "../shell_word.ts";
import {
  checkEstimate,
  estimateRun,
  openStudy,
  runEstimateText,
  selectNotebooks,
  type Study,
} from "../study/mod.ts";
import { type Flag, runCommand, UsageError } from "./command_line.ts";
import { readCount, readWords, wholeNumber } from "./flag_values.ts";
import { fullReference, REPRODUCE_FLAGS } from "./reproduce_flags.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const REPRODUCE = fileURLToPath(new URL("reproduce.ts", import.meta.url));

/** A flag of reproduce that is checked here and handed on as it was written. */
function handedOn({ read, ...flag }: Flag, as: (text: string) => string = (text) => text) {
  return {
    ...flag,
    value: flag.value ?? "",
    default: undefined,
    read: (text: string, name: string): string => {
      read?.(text, name);
      return as(text);
    },
  };
}

/** Those of them, in the order of the command line; the jobs run in another folder. */
const HANDED_ON = {
  only: handedOn(REPRODUCE_FLAGS.only, (text) => readWords(text).join(",")),
  sample_size: handedOn(REPRODUCE_FLAGS.sample_size),
  grading: handedOn(REPRODUCE_FLAGS.grading),
  data: handedOn(REPRODUCE_FLAGS.data, (text) => dataSources(text).join(",")),
  describer: handedOn(REPRODUCE_FLAGS.describer, fullReference),
  dtype: handedOn(REPRODUCE_FLAGS.dtype),
  device: handedOn(REPRODUCE_FLAGS.device),
  repetition_penalty: handedOn(REPRODUCE_FLAGS.repetition_penalty),
};

/** Minutes that a shard needs at least: it is told to end two minutes before its time is up. */
const SHORTEST = 10;

/** A time limit as Slurm writes it: minutes, [hours:]minutes:seconds, days-hours[:...]. */
function readTime(text: string, flag: string): string {
  const [, days, first, second, third] =
    /^(?:(\d+)-)?(\d+)(?::([0-5]?\d))?(?::([0-5]?\d))?$/.exec(text) ?? [];
  const [a, b, c] = [first, second, third].map((part) => Number(part ?? 0));
  const minutes = days !== undefined
    ? (Number(days) * 24 + a) * 60 + b
    : third !== undefined
    ? a * 60 + b + c / 60
    : a + b / 60;
  if (first !== undefined && minutes >= SHORTEST) return text;
  throw new UsageError(
    `--${flag} must be a time as Slurm writes it, such as 04:00:00 or 1-12, of ${SHORTEST} minutes ` +
      `or more, not ${JSON.stringify(text)}`,
  );
}

/** Slurm allows more only where it was set up so. */
const MOST_SHARDS = 1000;

const FLAGS = {
  recipe: REPRODUCE_FLAGS.recipe,
  results: REPRODUCE_FLAGS.results,
  shards: {
    value: "N",
    help: "Parts that the work is cut into",
    read: (text: string, flag: string) => wholeNumber(text, flag, { min: 1, max: MOST_SHARDS }),
  },
  gpus_per_task: {
    value: "1",
    help: "GPUs of a shard, which uses one; default none",
    read: (text: string, flag: string) => wholeNumber(text, flag, { min: 1, max: 1 }),
  },
  cpus_per_task: { value: "N", help: "Cores of a shard; default Slurm's", read: readCount },
  time: { value: "T", help: "Time limit of a job, such as 04:00:00", read: readTime },
  partition: { value: "P", help: "Slurm's partition" },
  ...HANDED_ON,
  dry_run: { help: "Write the scripts and send nothing" },
  status: { help: "Say how the shards stand, and end" },
} as const;

/** What flags that are handed on say, as words of a command line. */
function wordsOf(flags: Readonly<Record<keyof typeof HANDED_ON, string | undefined>>): string[] {
  return Object.keys(HANDED_ON).flatMap((name) => {
    const value = flags[name as keyof typeof HANDED_ON];
    return value === undefined ? [] : [`--${name}`, value];
  });
}

/** Whether anything of a run is from the hub, which is asked unless a user says otherwise. */
function isOfHub(study: Study, places: readonly string[]): boolean {
  if (["1", "ON", "YES", "TRUE"].includes(Deno.env.get("HF_HUB_OFFLINE")?.toUpperCase() ?? "")) {
    return false;
  }
  const { describer, statedData } = study;
  return places.some((place) => place !== "folder") ||
    statedData?.split(",").includes("hub") === true ||
    describer !== undefined && /^[\w.-]+\/[\w.-]+/.test(describer);
}

function printStatus(parts: readonly PartStatus[]) {
  const shards = parts.filter(({ part }) => /^\d+$/.test(part));
  const complete = shards.filter(({ state }) => state === "complete").length;
  console.log(`${complete} of ${shards.length} shards are complete\n`);
  console.log(
    formatTable(parts.map(({ part, state, detail }) => ({ shard: part, state, detail }))),
  );
  for (const { part, log } of parts) {
    if (log.length > 0) console.log(`\nEnd of the log of ${part}:\n  ${log.join("\n  ")}`);
  }
}

if (import.meta.main) {
  const given = Deno.args[0] === "--" ? Deno.args.slice(1) : Deno.args;
  const end = given.indexOf("--");
  const [own, more] = end < 0 ? [given, []] : [given.slice(0, end), given.slice(end + 1)];
  await runCommand({
    name: "deno task submit",
    summary:
      "Send a recipe's run to Slurm: an array of shards, and a job that gathers them. Given again, it\n" +
      "sends the shards that are not complete. What stands after -- are options of sbatch.",
    flags: FLAGS,
    run: async (flags) => {
      const { shards, data, describer, cpus_per_task, gpus_per_task } = flags;
      const results = resolve(flags.results);
      const recipe = flags.recipe.endsWith(".json") ? resolve(flags.recipe) : flags.recipe;
      const study = openStudy({ recipe, results, data, describer });
      if (flags.status) {
        const parts = await submissionStatus(study.folder);
        printStatus(parts);
        return { parts };
      }
      if (shards === undefined) throw new UsageError("Missing --shards, or --status");
      const sampleSize = flags.sample_size;
      const estimate = await estimateRun(study.recipe, {
        notebooks: selectNotebooks(flags.only?.split(",")),
        sampleSize: sampleSize === undefined ? undefined : Number(sampleSize),
        device: gpus_per_task || flags.device === "webgpu" ? "webgpu" : "cpu",
        cores: cpus_per_task,
        // Of the machines that will run nothing is known here.
        gpu: () => null,
      });
      console.log(runEstimateText(estimate, shards) + "\n");
      checkEstimate(estimate);
      const { tasks, jobs, scripts } = await submitShards({
        name: study.recipe.name,
        results: study.folder,
        cwd: PROJECT,
        command: [Deno.execPath(), "run", "-A", REPRODUCE],
        options: ["--recipe", recipe, "--results", results, ...wordsOf(flags)],
        shards,
        prefetch: isOfHub(study, estimate.models.map(({ place }) => place)),
        cpusPerTask: cpus_per_task,
        gpusPerTask: gpus_per_task,
        time: flags.time,
        partition: flags.partition,
        more,
        dryRun: flags.dry_run,
      });
      console.log(`Scripts: ${scripts.join(", ")}`);
      const part = tasks.length === 0 ? "all are complete" : `${rangesText(tasks)} of ${shards}`;
      console.log(`Shards to be run: ${part}`);
      for (const { kind, id } of jobs) console.log(`Sent ${kind}: job ${id}`);
      if (jobs.length > 0) {
        const words = ["--recipe", flags.recipe, "--results", flags.results].map(shellWord);
        console.log(`Watch: deno task submit ${words.join(" ")} --status, or squeue --me`);
      }
      return { scripts, tasks, jobs };
    },
  }, own);
}
