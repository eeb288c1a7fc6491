import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { hostname } from "node:os";
import { withTempFolder } from "../testing/temp_folder.ts";
import { submissionStatus, type SubmitOptions, submitShards } from "./mod.ts";
import { writeProgram } from "./testdata/programs.ts";
import { findProgramsIn } from "./slurm.ts";

const NOW = new Date().toISOString();

/** Answers of Slurm's commands, as bash; those that are left out are not on the path. */
interface Answers {
  sbatch?: string;
  squeue?: string;
  sacct?: string;
  scancel?: string;
}

/** Runs `use` with made commands in place of Slurm's; `$calls` is where they may leave a note. */
function withSlurm(
  use: (context: {
    options: SubmitOptions;
    answer: (answers: Answers) => Promise<void>;
    calls: () => string[];
  }) => Promise<void>,
): Promise<void> {
  return withTempFolder(async (folder) => {
    const calls = join(folder, "calls");
    Deno.writeTextFileSync(calls, "");
    findProgramsIn(join(folder, "bin"));
    try {
      await use({
        options: {
          name: "made",
          results: join(folder, "my results"),
          cwd: folder,
          command: ["work"],
          options: ["--recipe", "made"],
          shards: 4,
          prefetch: false,
        },
        answer: async (answers) => {
          await Deno.remove(join(folder, "bin"), { recursive: true }).catch(() => {});
          for (const [name, lines] of Object.entries(answers)) {
            await writeProgram(join(folder, "bin", name), `calls='${calls}'\n${lines}`);
          }
        },
        calls: () => Deno.readTextFileSync(calls).trim().split("\n"),
      });
    } finally {
      findProgramsIn("");
    }
  });
}

/** Gives jobs the numbers 101, 102, ... */
const SBATCH = `echo "sbatch $*" >> "$calls"; mapfile -t lines < "$calls"; n=0
for line in "\${lines[@]}"; do [[ $line == sbatch* ]] && n=$((n + 1)); done; echo "$((100 + n));here"`;

function writeState(results: string, index: number, state: Record<string, unknown>) {
  Deno.mkdirSync(join(results, "shards"), { recursive: true });
  Deno.writeTextFileSync(
    join(results, "shards", `shard-${index}-of-4.json`),
    JSON.stringify({
      ...{ index, count: 4, settings: {}, startedAt: NOW, updatedAt: NOW },
      ...{ host: hostname(), pid: 1, device: "cpu", ...state },
    }),
  );
}

const scripts = (calls: readonly string[]) =>
  calls.map((call) => call.replace(/\/\S*my results\/slurm\//, ""));

Deno.test("a run is fetched for, sent and gathered, each after the one before", () =>
  withSlurm(async ({ options, answer, calls }) => {
    await answer({ sbatch: SBATCH, squeue: "" });
    const { jobs } = await submitShards({ ...options, prefetch: true });
    assertEquals(jobs, [
      { kind: "prefetch", id: "101" },
      { kind: "shard", id: "102" },
      { kind: "gather", id: "103" },
    ]);
    assertEquals(scripts(calls()), [
      "sbatch --parsable prefetch.sh",
      "sbatch --parsable --dependency=afterok:101 --kill-on-invalid-dep=yes shard.sh",
      "sbatch --parsable --dependency=afterok:102 --kill-on-invalid-dep=yes gather.sh",
    ]);
  }));

Deno.test("sent again, what is not complete goes, and nothing while a job is left", () =>
  withSlurm(async ({ options, answer, calls }) => {
    const { results } = options;
    await answer({ sbatch: SBATCH, squeue: `echo '101|2|RUNNING|node1'; echo '7|N/A|PENDING|x'` });
    await submitShards(options);
    await assertRejects(
      () => submitShards(options),
      Error,
      "job 101_2 of an earlier submission is running; wait for it (deno task submit --status), " +
        "or end it (scancel 101)",
    );
    await answer({ sbatch: SBATCH, squeue: "echo '7|N/A|PENDING|x'" });
    writeState(results, 1, { state: "complete" });
    writeState(results, 3, { state: "complete" });
    writeState(results, 4, { state: "failed", error: "no memory" });
    assertEquals((await submitShards(options)).tasks, [2, 4]);
    const script = Deno.readTextFileSync(join(results, "slurm", "shard.sh"));
    assert(script.includes("#SBATCH --array=2,4\n"), script);
    for (const index of [2, 4]) writeState(results, index, { state: "complete" });
    const last = await submitShards(options);
    assertEquals([last.tasks, last.jobs.map(({ kind }) => kind)], [[], ["gather"]]);
    assertEquals(scripts(calls()).at(-1), "sbatch --parsable gather.sh");
  }));

Deno.test("other options are refused once a shard was begun with the first", () =>
  withSlurm(async ({ options, answer }) => {
    await answer({ sbatch: SBATCH, squeue: "" });
    await submitShards(options);
    const other = { ...options, options: ["--recipe", "made", "--sample_size", "5"] };
    assertEquals((await submitShards(other)).tasks, [1, 2, 3, 4]);
    writeState(options.results, 1, { state: "interrupted" });
    await assertRejects(
      () => submitShards({ ...other, shards: 8 }),
      Error,
      "its shards were begun with --shards 4 --recipe made --sample_size 5, and this is --shards 8 " +
        "--recipe made --sample_size 5; give the same options, or another --results, or remove",
    );
    // What a job gets may change.
    await submitShards({ ...other, time: "08:00:00", cpusPerTask: 2 });
  }));

Deno.test("no sbatch, one that refuses and one that is odd are said in one line; nothing stays queued", () =>
  withSlurm(async ({ options, answer, calls }) => {
    const { results } = options;
    await assertRejects(
      () => submitShards(options),
      Error,
      `Cannot submit ${results}: there is no sbatch on the path`,
    );
    const refusing = `[[ $* == *gather* ]] || { echo 12; exit; }
echo "sbatch: error: Invalid account" >&2; echo "sbatch: error: Batch job submission failed" >&2; exit 1`;
    await answer({ sbatch: refusing, scancel: 'echo "scancel $*" >> "$calls"', squeue: "" });
    await assertRejects(
      () => submitShards(options),
      Error,
      `Cannot submit ${results}: sbatch refuses: sbatch: error: Invalid account sbatch: error: Batch`,
    );
    assertEquals(calls(), ["scancel 12"]);
    await answer({ sbatch: "echo Welcome", squeue: "" });
    await assertRejects(
      () => submitShards(options),
      Error,
      'gives no number of a job but "Welcome"',
    );
    await answer({ sbatch: SBATCH, squeue: "echo 'Unable to contact controller' >&2; exit 1" });
    await submitShards(options);
    await assertRejects(() => submitShards(options), Error, "squeue refuses: Unable to contact");
    await assertRejects(
      () => submissionStatus(results),
      Error,
      "squeue refuses: Unable to contact",
    );
    await assertRejects(() => submissionStatus("/none"), Error, "nothing of it was submitted");
  }));

Deno.test("the status says what shards say, what Slurm says, and how logs end", () =>
  withSlurm(async ({ options, answer }) => {
    const { results } = options;
    await answer({ sbatch: SBATCH, squeue: "" });
    await submitShards({ ...options, prefetch: true });
    const parts = async () =>
      (await submissionStatus(results)).map(({ part, state, detail, log }) => [
        ...[part, state, detail.replace(NOW, "NOW"), ...log],
      ]);
    const [squeue, sacct] = [
      `echo '101|N/A|RUNNING|node0'; for i in 1 2 3 4; do echo "102|$i|PENDING|(Dependency)"; done
echo '103|N/A|PENDING|(Dependency)'`,
      "echo 'Slurm accounting storage is disabled' >&2; exit 1",
    ];
    await answer({ squeue, sacct });
    assertEquals(await parts(), [
      ["prefetch", "running", "job 101 node0"],
      ...["1", "2", "3", "4"].map((shard) => [shard, "pending", "(Dependency)"]),
      ["gather", "pending", "job 103 (Dependency)"],
    ]);

    writeState(results, 1, { state: "complete" });
    writeState(results, 2, { state: "running", host: "node7" });
    writeState(results, 3, { state: "running" });
    writeState(results, 4, { state: "failed", error: "no memory" });
    const log = (name: string, text: string) =>
      Deno.writeTextFileSync(join(results, "slurm", `${name}.log`), text);
    log("shard-3", "1\n2\n3\n4\n5\n\nKilled\n");
    log("shard-4", "error: no memory\n");
    await answer({
      squeue: "echo '102|2|RUNNING|node7'",
      sacct: `[[ "$*" == *--jobs=101,102,103* ]] || exit 1
echo '101|COMPLETED|0:0'; echo '102_1|COMPLETED|0:0'
echo '102_3|OUT_OF_MEMORY|0:125'; echo '102_4|FAILED|1:0'; echo '103|CANCELLED by 1000|0:0'`,
    });
    assertEquals(await parts(), [
      ["1", "complete", `${hostname()}, cpu`],
      ["2", "running", "node7, cpu"],
      [
        ...["3", "killed", "last heard of NOW; Slurm: out_of_memory 0:125"],
        ...["2", "3", "4", "5", "Killed"],
      ],
      ["4", "failed", "no memory; Slurm: failed 1:0", "error: no memory"],
      ["gather", "not in the queue", "Slurm: cancelled 0:0"],
    ]);
  }));
