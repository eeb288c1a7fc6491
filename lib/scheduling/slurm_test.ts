import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readShardState } from "../study/mod.ts";
import { submissionStatus, submitShards } from "./mod.ts";

const START = fileURLToPath(new URL("testdata/start_slurm.sh", import.meta.url));
const SUBMIT = fileURLToPath(new URL("../commands/submit.ts", import.meta.url));
const WORK = fileURLToPath(new URL("testdata/made_work.ts", import.meta.url));

function has(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`] }).outputSync().success;
}

const PROGRAMS = ["slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "munged", "runuser"];
const lacking = [
  ...PROGRAMS.filter((name) => !has(name)),
  ...Deno.uid() === 0 ? [] : ["root's rights"],
];
if (lacking.length > 0) {
  console.warn(`NOT TESTED: shards on a real Slurm; this machine lacks ${lacking.join(", ")}`);
}

async function until<T>(what: string, get: () => Promise<T | null | false>): Promise<T> {
  for (let tries = 0; tries < 1800; tries++) {
    const value = await get();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited in vain for ${what}`);
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr));
  return text.decode(stdout).trim();
}

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

const queued = () => run("squeue", "--noheader", "--array", "--format=%i");

/** Runs `use` with a Slurm of this machine, and a folder whose name is hard on scripts. */
async function withSlurm(use: (folder: string) => Promise<void>) {
  const slurm = await Deno.makeTempDir({ prefix: "slurm" });
  const folder = await Deno.makeTempDir({ prefix: "of a user's, 5%a " });
  await run("bash", START, slurm, "5");
  Deno.env.set("SLURM_CONF", join(slurm, "slurm.conf"));
  try {
    await use(folder);
  } finally {
    for (const daemon of ["slurmd", "slurmctld"]) {
      Deno.kill(Number(Deno.readTextFileSync(join(slurm, `${daemon}.pid`))), "SIGTERM");
    }
    await until("the end of Slurm", async () => !await exists(join(slurm, "slurmctld.pid")));
    Deno.env.delete("SLURM_CONF");
  }
  for (const made of [slurm, folder]) await Deno.remove(made, { recursive: true });
}

/** Shards that are killed, cancelled, sent back or out of time, and sent again. */
async function injured(folder: string) {
  const results = join(folder, "results");
  Deno.mkdirSync(results);
  const options = {
    name: "made",
    results,
    cwd: folder,
    command: [Deno.execPath(), "run", "-A", "--no-check", WORK, results],
    options: ["--stall", "2,3,4,5"],
    shards: 5,
    prefetch: true,
    // Slurm looks at times every 30 seconds.
    time: "00:02:00",
    notice: 110,
    more: ["--comment=two words"],
  };
  const submitted = await submitShards(options);
  assertEquals(submitted.jobs.map(({ kind }) => kind), ["prefetch", "shard", "gather"]);
  assertEquals(submitted.tasks, [1, 2, 3, 4, 5]);
  const array = submitted.jobs[1].id;
  await assertRejects(() => submitShards(options), Error, `scancel ${submitted.jobs[0].id} `);

  for (const index of [2, 3, 4, 5]) {
    await until(`shard ${index} to stall`, () => exists(join(results, `stalled-${index}`)));
  }
  const killed = await readShardState(results, { index: 2, count: 5 });
  Deno.kill(killed!.pid, "SIGKILL");
  await run("scontrol", "requeue", `${array}_3`);
  // The last task's job has the number of the whole array.
  await run("scancel", `${array}_5`);
  await until("the end of the array", async () => await queued() === "");
  const log = Deno.readTextFileSync(join(results, "slurm", "shard-4.log"));
  assert(log.includes("Shard 4 goes back to the queue"), log);
  const status = await submissionStatus(results);
  assertEquals(status.map(({ part, state }) => [part, state]), [
    ...[["1", "complete"], ["2", "killed"], ["3", "complete"], ["4", "complete"]],
    ...[["5", "interrupted"], ["gather", "not in the queue"]],
  ]);
  assert(status[1].log.some((line) => line.includes("Killed")), status[1].log.join("\n"));

  await assertRejects(
    () => submitShards({ ...options, options: ["--stall", "none"] }),
    Error,
    "begun with --shards 5 --stall 2,3,4,5, and this is --shards 5 --stall none",
  );
  const again = await submitShards(options);
  assertEquals(again.tasks, [2, 5]);
  await until("the gathering", () => exists(join(results, "gathered")));
  await until("the end of the queue", async () => await queued() === "");
  const lines = Deno.readTextFileSync(join(results, "made.jsonl")).trim().split("\n");
  assertEquals(
    lines.map((line) => JSON.parse(line).id).sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => i),
  );
  assertEquals((await submitShards({ ...options, dryRun: true })).tasks, []);
}

/** A recipe's run, by the commands that users give. */
async function recipe(folder: string) {
  const results = join(folder, "reproduced");
  const submit = [Deno.execPath(), "run", "-A", "--no-check", SUBMIT, "--results", results];
  const [command, ...args] = submit;
  await run(command, ...args, "--shards", "2", "--only", "05");
  await until("the end of the queue", async () => await queued() === "");
  const gather = join(results, "tiny", "slurm", "gather.log");
  assert(await exists(join(results, "tiny", "report.html")), await Deno.readTextFile(gather));
  const { shards } = JSON.parse(Deno.readTextFileSync(join(results, "tiny", "run.json")));
  assertEquals(shards.map(({ shard }: { shard: string }) => shard), ["1/2", "2/2"]);
  const { parts } = JSON.parse(await run(command, ...args, "--status", "--json"));
  assertEquals(parts.map(({ state }: { state: string }) => state), [
    ...["complete", "complete", "ended"],
  ]);
}

Deno.test("on a real Slurm", { ignore: lacking.length > 0 }, (t) =>
  withSlurm(async (folder) => {
    await t.step("shards that are killed, cancelled, sent back or out of time", () =>
      injured(folder));
    await t.step("a recipe's run, by command", () =>
      recipe(folder));
  }));
