import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { readRecipe } from "../study/mod.ts";
import { writeProgram } from "../scheduling/testdata/programs.ts";
import { runOutside } from "../testing/command.ts";
import { withTempFolder } from "../testing/temp_folder.ts";

const submit = (args: string[], options: Deno.CommandOptions = {}) =>
  runOutside("submit", args, { ...options, env: { HF_HUB_OFFLINE: "", ...options.env } });

Deno.test("flags that make no sense are one line before anything is written", () =>
  withTempFolder(async (folder) => {
    const tiny = ["--shards", "2"];
    for (
      const [args, why] of [
        [[], "Missing --shards, or --status"],
        [["--shards", "0"], '--shards must be a whole number from 1 to 1000, not "0"'],
        [[...tiny, "--time", "tomorrow"], "--time must be a time as Slurm writes it, such as"],
        [[...tiny, "--time", "00:05:00"], 'of 10 minutes or more, not "00:05:00"'],
        [[...tiny, "--gpus-per-task", "2"], "--gpus_per_task must be a whole number from 1 to 1"],
        [[...tiny, "--sample-size", "x"], '--sample_size must be a whole number from 1, not "x"'],
        [[...tiny, "--device", "tpu"], "--device must be auto, cpu or webgpu"],
      ] as const
    ) {
      const { code, stdout, stderr } = await submit([...args, "--results", folder]);
      assertEquals([code, stdout], [2, ""], stderr);
      assertStringIncludes(stderr, why);
    }
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("a dry run writes scripts with the options of both, from whatever folder it is started", () =>
  withTempFolder(async (folder) => {
    Deno.mkdirSync(join(folder, "pairs"));
    const { models } = readRecipe("tiny");
    Deno.writeTextFileSync(join(folder, "my.json"), JSON.stringify({ name: "mine", models }));
    const { code, stdout, stderr } = await submit([
      ...["--recipe", "./my.json", "--shards", "8", "--dry-run", "--results", "my results"],
      ...["--gpus-per-task", "1", "--cpus-per-task=8", "--time", "1-12", "--sample_size", "50"],
      ...["--only", "01", "05", "--data", "hub,./pairs", "--", "--mem=80G", "--account=a b"],
    ], { cwd: folder });
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "on webgpu and 8 cores, of which 01_no_monotonic_improvement");
    assertStringIncludes(stdout, "; a shard of 8 takes ");
    assertStringIncludes(stdout, "Shards to be run: 1-8 of 8");
    const scripts = join(Deno.realPathSync(folder), "my results", "mine", "slurm");
    assertEquals(
      [...Deno.readDirSync(scripts)].map(({ name }) => name).sort(),
      ["gather.sh", "prefetch.sh", "shard.sh"],
    );
    const text = Deno.readTextFileSync(join(scripts, "shard.sh"));
    const command = /^command=\(\n([^]*?)\n\)$/m.exec(text)![1];
    assertEquals(command.split("\n").slice(1).map((line) => line.trim()), [
      `--recipe ${join(Deno.realPathSync(folder), "my.json")}`,
      `--results '${join(Deno.realPathSync(folder), "my results")}'`,
      "--only 01,05",
      "--sample_size 50",
      `--data hub,${join(Deno.realPathSync(folder), "pairs")}`,
      '--shard "$SLURM_ARRAY_TASK_ID/8"',
    ]);
    assertStringIncludes(text, '#SBATCH "--account=a b"\n');
    assertStringIncludes(text, "#SBATCH --time=1-12\n");
  }));

Deno.test("the embedded recipe needs no fetching; without Slurm, one line says so", () =>
  withTempFolder(async (folder) => {
    const args = ["--shards", "2", "--results", folder];
    const none = await submit(args, { env: { PATH: folder } });
    assertEquals(none.code, 1);
    assertStringIncludes(none.stderr, "there is no sbatch on the path; run this where Slurm's");
    assertEquals(none.stderr.trim().split("\n").length, 1);
    await writeProgram(join(folder, "sbatch"), "echo 7");
    await writeProgram(join(folder, "squeue"), "echo '7|1|RUNNING|node1'");
    const sent = await submit(args, { env: { PATH: folder } });
    assertEquals([sent.code, sent.stderr], [0, ""]);
    assertStringIncludes(sent.stdout, "Sent shard: job 7\nSent gather: job 7\n");
    const status = await submit(["--status", "--json", "--results", folder], {
      env: { PATH: folder },
    });
    assertEquals(status.code, 0, status.stderr);
    assertEquals(JSON.parse(status.stdout).parts[0].state, "running");
    assertStringIncludes(status.stderr, "0 of 2 shards are complete");
  }));
