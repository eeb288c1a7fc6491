import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runOutside } from "../testing/command.ts";
import { withTempFolder } from "../testing/temp_folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const checkpoint = (role: string) => join(ROOT, "dataset", "tiny", "checkpoints", role);

const command = (name: string, ...args: string[]) => runOutside(name, args);

Deno.test("localization-vision writes results and figures, and goes on with them", () =>
  withTempFolder(async (folder) => {
    const output = join(folder, "vision");
    const args = ["--model", checkpoint("base"), "--num_samples", "2", "--layers", "0", "8"];
    const run = (...more: string[]) =>
      command("localization_vision", ...args, "--tasks", "ocr", "--output_dir", output, ...more);
    const { code, stdout, stderr } = await run();
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "0 of 2 answers changed");
    const names = [...Deno.readDirSync(output)].map(({ name }) => name).sort();
    assertEquals(names.filter((name) => /json/.test(name)), [
      "layer_swap_controls.jsonl",
      "layer_swap_logits.jsonl",
      "layer_swap_results.jsonl",
      "layer_swap_summary.json",
      "run.json",
    ]);
    assert(names.some((name) => name.endsWith(".png")));
    const refused = await run("--max_new_tokens", "5");
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "max_new_tokens (64 there, 5 here)");
    assertEquals((await run("--max_new_tokens", "5", "--overwrite")).code, 0);
  }));

Deno.test("localization-reasoning writes a folder for each dataset", () =>
  withTempFolder(async (folder) => {
    const { code, stdout, stderr } = await command(
      "localization_reasoning",
      ...["--model", checkpoint("base"), "--kind", "base", "--sample_size", "2"],
      ...["--layers", "4", "--max_new_tokens", "32", "--run_name", "my run"],
      ...["--output_dir", folder],
    );
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "Accuracy on gsm8k without each layer");
    for (const dataset of ["math500", "gsm8k"]) {
      assert(Deno.statSync(join(folder, "my run", dataset, "all_results.json")).isFile);
    }
    const wrong = await command("localization_reasoning", "--model", folder, "--dataset", "aime");
    assertEquals(wrong.code, 2);
    assertStringIncludes(wrong.stderr, '--dataset must be math500, gsm8k or all, not "aime"');
  }));

Deno.test("attention-shift compares three models", () =>
  withTempFolder(async (folder) => {
    const { code, stdout, stderr } = await command(
      "attention_shift",
      ...["--base", checkpoint("base"), "--sft", checkpoint("in"), "--rl", checkpoint("rl")],
      ...["--sample_size", "1", "--max_new_tokens", "24", "--output_dir", folder],
    );
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(
      stdout,
      "RL's generated tokens give more attention to the image than IN's in middle and late layers",
    );
    assert(Deno.statSync(join(folder, "attention_shift.svg")).isFile);
  }));

Deno.test("each command has --help, and names a model that is not there", async () => {
  for (const name of ["localization_vision", "localization_reasoning", "attention_shift"]) {
    const { code, stdout } = await command(name, "--help");
    assertEquals(code, 0);
    assertStringIncludes(stdout, "Usage: deno task");
  }
  const { code, stderr } = await command("localization_vision", "--model", "org/missing");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "org/missing");
});

Deno.test("models in own folders are not asked what nobody chose", () =>
  withTempFolder(async (folder) => {
    const own = join(folder, "own");
    Deno.mkdirSync(own);
    for (const { name } of Deno.readDirSync(checkpoint("base"))) {
      Deno.copyFileSync(join(checkpoint("base"), name), join(own, name));
    }
    const { code, stderr } = await command("localization_reasoning", "--model", own);
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      `Cannot choose the questions for ${own}: say which ones with --data`,
    );
    const hub = await command("localization_vision", "--model", own, "--data", "hub");
    assertEquals(hub.code, 1);
    assertStringIncludes(
      hub.stderr,
      "error: No counting pairs in hub: put counting/data.jsonl into a folder",
    );
  }));
