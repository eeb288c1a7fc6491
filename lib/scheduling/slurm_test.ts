import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readShardState, type ShardState } from "../study/mod.ts";
import { submissionStatus, submitShards } from "./submission.ts";

const START = fileURLToPath(new URL("testdata/start_slurm.sh", import.meta.url));
const WORK = fileURLToPath(new URL("testdata/made_work.ts", import.meta.url));

function has(program: string): boolean {
  const { success } = new Deno.Command("sh", { args: ["-c", `command -v ${program}`] })
    .outputSync();
  return success;
}

const lacking = [
  ...["slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "munged"].filter((name) => !has(name)),
  ...Deno.uid() === 0 ? [] : ["root"],
];
if (lacking.length > 0) {
  console.warn(`NOT TESTED: shards on a real Slurm; this machine lacks ${lacking.join(", ")}`);
}

async function until<T>(what: string, get: () => Promise<T | undefined | false>): Promise<T> {
  for (let tries = 0; tries < 1200; tries++) {
    const value = await get();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr));
  return text.decode(stdout).trim();
}

/** A Slurm of this machine, for the length of a test. */
async function startSlurm(folder: string): Promise<AsyncDisposable> {
  await run("bash", START, folder);
  Deno.env.set("SLURM_CONF", join(folder, "slurm.conf"));
  return {
    [Symbol.asyncDispose]: async () => {
      for (const daemon of ["slurmd", "slurmctld"]) {
        const pid = Number(await Deno.readTextFile(join(folder, `${daemon}.pid`)));
        Deno.kill(pid, "SIGTERM");
        await until(
          `the end of ${daemon}`,
          () => Deno.stat(`/proc/${pid}`).then(() => false, () => true),
        );
      }
      Deno.env.delete("SLURM_CONF");
    },
  };
}

Deno.test({
  name: "on a real Slurm: tasks killed and sent back, sent again, are gathered",
  ignore: lacking.length > 0,
  fn: async () => {
    // A short path: Slurm's sockets have no room for a long one.
    const folder = await Deno.makeTempDir({ prefix: "slurm " });
    {
      await using _slurm = await startSlurm(await Deno.makeTempDir({ prefix: "slurm" }));
      const results = join(folder, "results of it's");
      const options = {
        name: "made",
        results,
        cwd: folder,
        command: [Deno.execPath(), "run", "-A", "--no-check", WORK, results],
        shards: 4,
        prefetch: true,
      };
      const submitted = await submitShards(options);
      assertEquals(submitted.jobs.map(({ kind }) => kind), ["prefetch", "shard", "gather"]);
      assertEquals(submitted.tasks, [1, 2, 3, 4]);
      await assertRejects(() => submitShards(options), Error, "wait for it");
      const array = submitted.jobs[1].id;
      const state = (index: number, wanted: ShardState["state"]) =>
        until(`shard ${index} to be ${wanted}`, async () => {
          const state = await readShardState(results, { index, count: 4 });
          return state?.state === wanted && state;
        });
      const { pid } = await state(2, "running");
      Deno.kill(pid, "SIGKILL");
      await state(3, "running");
      await run("scontrol", "requeue", `${array}_3`);
      await until(
        "the end of the array",
        async () => await run("squeue", "-h", "-j", array) === "",
      );
      const { shards, gather } = await submissionStatus(results);
      assertEquals(shards.map(({ state }) => state), [
        "complete",
        "killed",
        "complete",
        "complete",
      ]);
      assert(gather.startsWith("not in the queue"), gather);
      await assertRejects(
        () => submitShards({ ...options, command: [...options.command, "--more"] }),
        Error,
        "submitted before with other options, command",
      );
      const again = await submitShards(options);
      assertEquals(again.tasks, [2]);
      await until(
        "the gathering",
        () => Deno.stat(join(results, "gathered")).then(() => true, () => false),
      );
      const lines = Deno.readTextFileSync(join(results, "made.jsonl")).trim().split("\n");
      assertEquals(
        lines.map((line) => JSON.parse(line).id).sort((a, b) => a - b),
        Array.from({ length: 160 }, (_, i) => i),
      );
      await until("the end of the queue", async () => await run("squeue", "-h") === "");
    }
    await Deno.remove(folder, { recursive: true });
  },
});
