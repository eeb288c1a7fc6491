import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runOutside } from "../testing/command.ts";
import { withTempFolder } from "../testing/temp_folder.ts";

const reproduce = (args: string[], env: Record<string, string> = {}) =>
  runOutside("reproduce", args, { env });

Deno.test("sample size and device are checked before anything starts", async () => {
  const samples = await reproduce(["--sample-size", "0"]);
  assertEquals([samples.code, samples.stdout], [2, ""]);
  assertStringIncludes(samples.stderr, "--sample_size must be a whole number from 1");
  const device = await reproduce(["--device", "tpu"]);
  assertEquals([device.code, device.stdout], [2, ""]);
  assertStringIncludes(device.stderr, '--device must be auto, cpu or webgpu, not "tpu"');
});

Deno.test("a recipe of the hub says what it takes before it looks for its models", () =>
  withTempFolder(async (folder) => {
    const { code, stdout, stderr } = await reproduce(
      ["--recipe", "MMR1", "--only", "05", "--results", join(folder, "results")],
      { HF_HOME: folder, HF_HUB_CACHE: "" },
    );
    assertEquals(code, 1);
    assertStringIncludes(stdout, "Qwen/Qwen2.5-VL-7B-Instruct: 16.6 GB, to download");
    assertStringIncludes(stdout, "disk: 49.8 GB to download");
    assertStringIncludes(stdout, "memory: up to");
    assertStringIncludes(stdout, "time: about");
    // Which of the two stops it is the machine's affair.
    assert(/Cannot start: about 49\.8 GB|HF_HUB_OFFLINE is 1/.test(stderr), stderr);
  }));

Deno.test("own models need data, and folders that are there, before anything starts", () =>
  withTempFolder(async (folder) => {
    const triple = (name: string) =>
      fileURLToPath(new URL(`../spectra/testdata/triple/${name}`, import.meta.url));
    const run = (rl: string, ...more: string[]) =>
      reproduce([
        ...["--base", triple("base"), "--sft", triple("in"), "--rl", rl],
        ...["--results", folder, ...more],
      ]);
    const silent = await run(triple("rl"), "--only", "04");
    assertEquals([silent.code, silent.stdout], [1, ""]);
    assertStringIncludes(silent.stderr, `Cannot choose the questions for ${triple("base")}, `);
    const missing = await run(join(folder, "none"), "--data", "hub");
    assertEquals(missing.code, 1);
    assertStringIncludes(missing.stdout, `${join(folder, "none")}: size not known, no such folder`);
    assertStringIncludes(
      missing.stderr,
      `Cannot start: there is no folder ${join(folder, "none")}`,
    );
    const data = join(folder, "questions");
    const nowhere = await run(triple("rl"), "--only", "04", "--data", data);
    assertEquals(nowhere.code, 1);
    assertStringIncludes(
      nowhere.stderr,
      `Cannot find questions in ${data}: there is no such folder`,
    );
  }));

Deno.test("what names nothing, and what is not the suite's, is one line before anything runs", () =>
  withTempFolder(async (folder) => {
    const path = join(folder, "custom", "recipe.json");
    Deno.mkdirSync(join(folder, "custom"));
    Deno.writeTextFileSync(path, `{"mine": 1}`);
    for (
      const [args, why] of [
        [["--only", "01", "--describer", "basse"], 'Unknown model "basse": did you mean "base"?'],
        [["--only", "05", "--data", ""], 'Cannot find questions in ""'],
        [["--only", "05", "--describer", ""], 'Unknown model ""'],
        [["--base", "a/b", "--sft", "a/b", "--rl", "a/b"], `Cannot write ${path}: a file is there`],
      ] as const
    ) {
      const { code, stdout, stderr } = await reproduce([...args, "--results", folder]);
      assertEquals([code, stdout], [1, ""], stderr);
      assertStringIncludes(stderr, `error: ${why}`);
      assertEquals(stderr.trim().split("\n").length, 1);
    }
    assertEquals(Deno.readTextFileSync(path), `{"mine": 1}`);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["custom"]);
  }));

Deno.test("what is fetched before a run is what its notebooks need, and nothing is written", () =>
  withTempFolder(async (folder) => {
    const prefetch = (...more: string[]) =>
      reproduce(["--prefetch", "--results", join(folder, "results"), ...more], { HF_HOME: folder });
    const abilities = await prefetch("--only", "01", "--json");
    assertEquals(abilities.code, 0, abilities.stderr);
    const { fetched } = JSON.parse(abilities.stdout);
    const files = fetched.filter((path: string) => path.endsWith(".jsonl"));
    assertEquals(fetched.length - files.length, 3);
    assert(files.some((path: string) => path.includes("mathvista")), files.join());
    const weights = await prefetch("--only", "05", "--json");
    assertEquals(JSON.parse(weights.stdout).fetched.length, 3);
    const hub = await prefetch("--only", "01", "--data", "hub");
    assertEquals(hub.code, 1);
    assertStringIncludes(hub.stderr, "HF_HUB_OFFLINE is 1");
    const describer = await prefetch("--only", "01", "--describer", "none/such");
    assertStringIncludes(describer.stderr, "Cannot find model none/such");
    assertEquals([...Deno.readDirSync(folder)], []);
  }));
