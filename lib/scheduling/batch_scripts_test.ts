import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { type BatchOptions, batchScripts } from "./batch_scripts.ts";
import { writeProgram } from "./testdata/programs.ts";

const OPTIONS: BatchOptions = {
  name: "MMR1",
  folder: "/my results/5%/slurm",
  cwd: "/my clone",
  command: ["/bin/deno", "run", "-A", "/my clone/reproduce.ts", "--recipe", "it's.json"],
  shards: 8,
  prefetch: true,
};

Deno.test("scripts ask Slurm for what a run in shards needs", () => {
  const { paths, texts } = batchScripts({
    ...OPTIONS,
    tasks: [2, 5, 6, 7],
    gpusPerTask: 1,
    cpusPerTask: 4,
    time: "04:00:00",
    partition: "gpu",
    more: ["--comment=two words", "--mem=80G"],
  });
  const lines = texts.get(paths.shard)!.split("\n");
  assertEquals(lines.filter((line) => line.startsWith("#SBATCH ")), [
    "#SBATCH --job-name=MMR1-shard",
    '#SBATCH "--output=/my results/5%%/slurm/shard-%a.log"',
    "#SBATCH --open-mode=append",
    "#SBATCH --partition=gpu",
    "#SBATCH --array=2,5-7",
    "#SBATCH --requeue",
    "#SBATCH --signal=B:TERM@120",
    "#SBATCH --time=04:00:00",
    "#SBATCH --ntasks=1",
    "#SBATCH --cpus-per-task=4",
    "#SBATCH --gpus-per-task=1",
    '#SBATCH "--comment=two words"',
    "#SBATCH --mem=80G",
  ]);
  assert(lines.includes("  --recipe 'it'\\''s.json'"));
  assert(lines.includes("export HF_HUB_OFFLINE=1"));
  assert(lines.includes('  --shard "$SLURM_ARRAY_TASK_ID/8"'));
  const gather = texts.get(paths.gather)!;
  assertStringIncludes(gather, "gather.log");
  assertStringIncludes(gather, "--partition=gpu");
  const fetching = texts.get(paths.prefetch!)!;
  for (const word of ["HF_HUB_OFFLINE", "--gpus", "--array"]) assert(!fetching.includes(word));
  const whole = batchScripts({ ...OPTIONS, prefetch: false });
  assertEquals([whole.paths.prefetch, whole.texts.size], [null, 2]);
  assertStringIncludes(whole.texts.get(whole.paths.shard)!, "#SBATCH --array=1-8\n");
  assertThrows(
    () => batchScripts({ ...OPTIONS, folder: 'a "b"' }),
    Error,
    "Slurm reads no quotes",
  );
});

/** Runs the script of shard 3 of 8 with a command of ours and a scontrol that says `state`. */
async function runShard(
  folder: string,
  { command, state = "RUNNING", notice }: { command: string; state?: string; notice?: number },
): Promise<{ process: Deno.ChildProcess; requeued: () => string; log: string }> {
  const own = join(folder, "my work");
  const log = join(folder, "log");
  const asked = join(folder, "asked");
  Deno.mkdirSync(own);
  await writeProgram(
    join(folder, "bin", "scontrol"),
    `echo "$*" >> '${asked}'; echo JobState=${state}`,
  );
  // The task is killed by Slurm when it is back in the queue.
  await writeProgram(join(folder, "bin", "sleep"), `[[ $1 == 60 ]] || exec /bin/sleep "$1"`);
  await writeProgram(join(own, "work"), command);
  const { paths, texts } = batchScripts({
    ...{ ...OPTIONS, folder, cwd: own, prefetch: false, notice },
    command: [join(own, "work"), "--results", `it's "here" $HOME`],
  });
  Deno.writeTextFileSync(paths.shard, texts.get(paths.shard)!);
  const process = new Deno.Command("bash", {
    args: ["-c", `exec bash "$0" > "$1" 2>&1`, paths.shard, log],
    env: {
      PATH: `${join(folder, "bin")}:${Deno.env.get("PATH")}`,
      ...{ SLURM_ARRAY_JOB_ID: "70", SLURM_ARRAY_TASK_ID: "3", SLURM_JOB_ID: "73" },
    },
  }).spawn();
  const requeued = () => {
    try {
      return Deno.readTextFileSync(asked);
    } catch {
      return "";
    }
  };
  return { process, requeued, log };
}

async function until(get: () => boolean) {
  while (!get()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const says = (log: string, text: string) => () => {
  try {
    return Deno.readTextFileSync(log).includes(text);
  } catch {
    return false;
  }
};

Deno.test("a shard's words arrive as they are, and its exit code leaves as it is", () =>
  withTempFolder(async (folder) => {
    const { process, requeued, log } = await runShard(folder, {
      command: `printf '%s\\n' "$PWD" "$@"; exit 7`,
    });
    assertEquals([(await process.status).code, requeued()], [7, ""]);
    assertEquals(Deno.readTextFileSync(log).trim().split("\n"), [
      Deno.realPathSync(join(folder, "my work")),
      ...["--results", `it's "here" $HOME`, "--shard", "3/8"],
    ]);
  }));

const OBEDIENT = `trap 'echo told; exit 75' TERM; echo begun; while :; do /bin/sleep 0.02; done`;

Deno.test("a shard that is told to end twice ends once, and goes back to the queue by its own number", () =>
  withTempFolder(async (folder) => {
    const { process, requeued, log } = await runShard(folder, { command: OBEDIENT });
    await until(says(log, "begun"));
    process.kill("SIGTERM");
    process.kill("SIGTERM");
    assertEquals((await process.status).code, 75);
    assertEquals(requeued(), "show job 70_3\nrequeue 70_3\n");
    assert(says(log, "told\nShard 3 goes back to the queue")());
  }));

Deno.test("one that is being cancelled does not go back", () =>
  withTempFolder(async (folder) => {
    const state = "CANCELLED";
    const { process, requeued, log } = await runShard(folder, { command: OBEDIENT, state });
    await until(says(log, "begun"));
    process.kill("SIGTERM");
    assertEquals([(await process.status).code, requeued()], [75, "show job 70_3\n"]);
  }));

Deno.test("one that does not listen is killed before its time is up, and goes back", () =>
  withTempFolder(async (folder) => {
    const command = `trap '' TERM; echo begun; while :; do /bin/sleep 0.02; done`;
    const { process, requeued, log } = await runShard(folder, { command, notice: 1 });
    await until(says(log, "begun"));
    process.kill("SIGTERM");
    assertEquals([(await process.status).code, requeued()], [137, "show job 70_3\nrequeue 70_3\n"]);
  }));
