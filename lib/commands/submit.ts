/**
 * `deno task submit`: a recipe's whole run as jobs of Slurm.
 *
 * @module
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { formatTable } from "../figures/mod.ts";
import { submissionStatus, submitShards } from "../scheduling/mod.ts";
import { rangesText } from "../shard.ts";
import {
  estimateRun,
  openStudy,
  runEstimateText,
  selectNotebooks,
  type Study,
} from "../study/mod.ts";
import { runCommand, UsageError, wholeNumber } from "./command_line.ts";
import { REPRODUCE_FLAGS } from "./reproduce_flags.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const REPRODUCE = fileURLToPath(new URL("reproduce.ts", import.meta.url));

/** Flags of reproduce that shards are run with. */
const HANDED_ON = [
  ...["only", "sample-size", "grading", "data", "describer", "device", "precision"],
  "repetition_penalty",
] as const;

/** Time limits as Slurm writes them: minutes, [hours:]minutes:seconds, days-hours[:...]. */
const TIME = /^(?:\d+(?::\d{1,2}){0,2}|\d+-\d{1,2}(?::\d{1,2}){0,2})$/;

function checkTime(time: string | undefined) {
  if (time === undefined || TIME.test(time)) return;
  throw new UsageError(
    `--time must be a time as Slurm writes it, such as 04:00:00 or 1-12, not ${
      JSON.stringify(time)
    }`,
  );
}

/** What the flags say, as words of a command line. */
function wordsOf(flags: Readonly<Record<string, unknown>>): string[] {
  return HANDED_ON.flatMap((name) => {
    const value = flags[name];
    const preset = "default" in REPRODUCE_FLAGS[name] && REPRODUCE_FLAGS[name].default === value;
    return typeof value !== "string" || preset ? [] : [`--${name}`, value];
  });
}

async function announce(study: Study, shards: number, only: string | undefined): Promise<boolean> {
  const notebooks = selectNotebooks(only?.split(","));
  const estimate = await estimateRun(study.recipe, { notebooks });
  console.log(runEstimateText(estimate));
  const hours = estimate.seconds.reduce((sum, { seconds }) => sum + seconds, 0) / 3600;
  if (hours > 0) {
    console.log(`  a shard: about ${(hours / shards).toPrecision(2)} h on a machine like this one`);
  }
  return estimate.models.some(({ place }) => place !== "folder") || study.data.includes("hub");
}

async function printStatus({ folder }: Study) {
  const { shards, gather } = await submissionStatus(folder);
  console.log(formatTable(shards.map(({ log: _, ...row }) => row), [
    { key: "shard", label: "shard" },
    { key: "state", label: "state" },
    { key: "detail", label: "detail" },
  ]));
  for (const { shard, log } of shards) {
    if (log.length > 0) console.log(`\nEnd of the log of shard ${shard}:\n  ${log.join("\n  ")}`);
  }
  console.log(`\nGather: ${gather}`);
}

if (import.meta.main) {
  const given = Deno.args[0] === "--" ? Deno.args.slice(1) : Deno.args;
  const end = given.indexOf("--");
  const [own, more] = end < 0 ? [given, []] : [given.slice(0, end), given.slice(end + 1)];
  await runCommand({
    name: "deno task submit",
    summary:
      "Send a recipe's run to Slurm: an array of shards, and a job that gathers them. Run again, it\n" +
      "sends the shards that are not complete. What stands after -- are options of sbatch.",
    flags: {
      recipe: REPRODUCE_FLAGS.recipe,
      results: REPRODUCE_FLAGS.results,
      shards: { type: "string", value: "N", help: "Parts that the work is cut into" },
      "gpus-per-task": { type: "string", value: "N", help: "GPUs of a shard, which uses one" },
      "cpus-per-task": { type: "string", value: "N", help: "Cores of a shard" },
      time: { type: "string", value: "T", help: "Time limit of a shard, e.g. 04:00:00" },
      partition: { type: "string", value: "P", help: "Slurm's partition" },
      "dry-run": { type: "boolean", help: "Write the scripts and send nothing" },
      status: { type: "boolean", help: "Say how the shards stand, and end" },
      ...Object.fromEntries(HANDED_ON.map((name) => [name, REPRODUCE_FLAGS[name]])) as Pick<
        typeof REPRODUCE_FLAGS,
        typeof HANDED_ON[number]
      >,
    },
    run: async (flags) => {
      const results = resolve(flags.results);
      const recipe = flags.recipe.endsWith(".json") ? resolve(flags.recipe) : flags.recipe;
      const study = openStudy({ recipe, results, data: flags.data });
      if (flags.status) return await printStatus(study);
      if (flags.shards === undefined) throw new UsageError("Missing --shards");
      const count = (name: "shards" | "gpus-per-task" | "cpus-per-task", max?: number) =>
        flags[name] === undefined ? undefined : wholeNumber(flags[name], name, { min: 1, max });
      const shards = count("shards", 10_000)!;
      checkTime(flags.time);
      const prefetch = await announce(study, shards, flags.only);
      const script = [Deno.execPath(), "run", "-A", REPRODUCE];
      const { tasks, jobs, scripts } = await submitShards({
        name: study.recipe.name,
        results: study.folder,
        cwd: PROJECT,
        command: [...script, "--recipe", recipe, "--results", results, ...wordsOf(flags)],
        shards,
        prefetch,
        cpusPerTask: count("cpus-per-task"),
        gpusPerTask: count("gpus-per-task"),
        time: flags.time,
        partition: flags.partition,
        more,
        dryRun: flags["dry-run"],
      });
      console.log(`\nScripts: ${scripts.join(", ")}`);
      const what = tasks.length === 0 ? "all complete" : rangesText(tasks);
      console.log(`Shards to be run: ${what} of ${shards}`);
      for (const { kind, id } of jobs) console.log(`Sent ${kind}: job ${id}`);
      if (jobs.length > 0) {
        const name = flags.recipe;
        console.log(`Watch: deno task submit --recipe ${name} --status, or squeue --me`);
      }
    },
  }, own);
}
