import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import CONFIG from "../../deno.json" with { type: "json" };
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomSource } from "../testing/random_source.ts";
import {
  randomNormal,
  type TensorToWrite,
  writeCheckpoint,
} from "../testing/safetensors_writer.ts";
import { commandLine, type Outcome, runOutside } from "../testing/command.ts";
import { withTempFolder } from "../testing/temp_folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TRIPLE = join(ROOT, "lib", "spectra", "testdata", "triple");
const MODELS = ["base", "in", "rl"].map((role) => join(TRIPLE, role));

const command = (name: string, ...args: string[]) => runOutside(name, args);

function triple([base, sft, rl] = MODELS): string[] {
  return ["--base", base, "--sft", sft, "--rl", rl];
}

function assertRefused({ code, stderr }: Outcome, reason: string) {
  assert(code !== 0, "expected a failure");
  const lines = stderr.trim().split("\n").filter((line) => !line.startsWith("See "));
  assertEquals(lines.length, 1, `expected one line, got:\n${stderr}`);
  assertStringIncludes(stderr, reason);
}

Deno.test("energy writes the original's layout and a figure", () =>
  withTempFolder(async (folder) => {
    const output = join(folder, "new", "fro_norm.json");
    const { code, stdout, stderr } = await command(
      "characterisation_energy",
      ...triple(),
      "--output",
      output,
    );
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "LLM Backbone");
    const report = JSON.parse(Deno.readTextFileSync(output));
    assertEquals(Object.keys(report).slice(0, 3), ["metadata", "layers", "summary"]);
    assertEquals(report.metadata.base_model, "lib/spectra/testdata/triple/base");
    assertEquals([...Deno.readDirSync(join(folder, "new"))].map(({ name }) => name).sort(), [
      "fro_norm.json",
      "fro_norm.png",
      "fro_norm.records",
      "fro_norm.svg",
    ]);
  }));

/** Tensors of a model with 32 vision blocks and 3 LLM layers, by their names in published files. */
function publishedTensors(seed: number): Record<string, TensorToWrite> {
  const random = randomSource(seed);
  const names = [
    ...Array.from({ length: 32 }, (_, i) => `visual.blocks.${i}.attn.qkv.weight`),
    "visual.merger.mlp.0.weight",
    ...[0, 1, 2].map((i) => `model.layers.${i}.mlp.up_proj.weight`),
  ];
  return Object.fromEntries(names.map((name) => [name, {
    dtype: "BF16",
    shape: [3, 4],
    values: randomNormal(12, random),
  }]));
}

type Write = (folder: string, tensors: Record<string, TensorToWrite>) => void;

/** Ways in which the same weights are found in the world. */
const LAYOUTS: Record<string, Write> = {
  "published, flat": (folder, tensors) => {
    const config = {
      model_type: "qwen2_5_vl",
      num_hidden_layers: 3,
      vision_config: { depth: 32 },
    };
    writeCheckpoint(folder, tensors, { config, shards: 2 });
  },
  "transformers 5": (folder, tensors) => {
    const renamed = Object.entries(tensors).map(([name, tensor]) => [
      name.replace(/^model\./, "model.language_model.").replace(/^visual\./, "model.visual."),
      tensor,
    ]);
    const config = {
      model_type: "qwen2_5_vl",
      text_config: { num_hidden_layers: 3 },
      vision_config: { depth: 32 },
    };
    writeCheckpoint(folder, Object.fromEntries(renamed), { config });
  },
  "short vision_config": (folder, tensors) => {
    const config = {
      model_type: "qwen2_5_vl",
      num_hidden_layers: 3,
      vision_config: { hidden_size: 1280, in_chans: 3, spatial_patch_size: 14 },
    };
    writeCheckpoint(folder, tensors, { config });
  },
  "stale index": (folder, tensors) => {
    LAYOUTS["published, flat"](folder, publishedTensors(99));
    LAYOUTS["short vision_config"](folder, tensors);
    Deno.removeSync(join(folder, "model-00001-of-00002.safetensors"));
  },
};

Deno.test("the same weights give the same energy in every layout, and notes say how they were read", () =>
  withTempFolder(async (folder) => {
    const reports = [];
    for (const [layout, write] of Object.entries(LAYOUTS)) {
      const models = ["base", "in", "rl"].map((role, i) => {
        write(join(folder, layout, role), publishedTensors(i));
        return join(folder, layout, role);
      });
      const output = join(folder, `${layout}.json`);
      const ran = await command("characterisation_energy", ...triple(models), "--output", output);
      assertEquals(ran.code, 0, ran.stderr);
      assertEquals(ran.stderr.includes("vision_config.depth 32"), !/flat|5/.test(layout), layout);
      assertEquals(ran.stderr.includes("two sets of weights"), layout === "stale index", layout);
      reports.push(JSON.parse(Deno.readTextFileSync(output)));
    }
    const [{ layers, summary }, ...others] = reports;
    const expected = Array.from({ length: 36 }, (_, i) => i - 32);
    assertEquals(summary.map((row: { layer_idx: number }) => row.layer_idx), expected);
    for (const other of others) assertEquals([other.layers, other.summary], [layers, summary]);
  }));

Deno.test("diversity computes, and plots its own file and the original's", () =>
  withTempFolder(async (folder) => {
    const output = join(folder, "svd.json");
    const computed = await command(
      "characterisation_diversity",
      "compute",
      ...triple(),
      "--output",
      output,
      "--topk",
      "8",
      "--weight-filter",
      "down_proj",
    );
    assertEquals([computed.code, computed.stderr], [0, ""]);
    assertEquals(JSON.parse(Deno.readTextFileSync(output)).metadata.topk, 8);
    // The original has no angles to draw.
    for (
      const [input, files] of [[output, 12], [join(TRIPLE, "original_diversity.json"), 10]] as const
    ) {
      const plots = join(folder, "plots");
      const plotted = await command(
        "characterisation_diversity",
        "plot",
        "--input",
        input,
        "--output-dir",
        plots,
      );
      assertEquals([plotted.code, plotted.stderr], [0, ""]);
      assertEquals([...Deno.readDirSync(plots)].length, files);
      Deno.removeSync(plots, { recursive: true });
    }
  }));

Deno.test("bad input is one line on stderr, a failing exit code, and nothing written over", () =>
  withTempFolder(async (folder) => {
    const output = join(folder, "out.json");
    Deno.writeTextFileSync(output, "mine");
    const fresh = join(folder, "fresh.json");
    const [base, sft, rl] = MODELS;
    const energy = (models: string[], ...more: string[]) =>
      command("characterisation_energy", ...triple(models), "--output", fresh, ...more);
    assertRefused(await energy([join(folder, "nowhere"), sft, rl]), join(folder, "nowhere"));
    assertRefused(await energy([base, "org/missing", rl]), "org/missing");
    const noConfig = writeCheckpoint(join(folder, "no-config"), {});
    Deno.removeSync(join(noConfig, "config.json"));
    assertRefused(await energy([base, sft, noConfig]), "config.json");
    assertRefused(await energy(MODELS, "--lmm"), "--lmm");
    assertRefused(await command("characterisation_energy", "--base", base), "--sft, --rl");
    assertRefused(
      await command("characterisation_energy", ...triple(), "--output", join(output, "x.json")),
      "Cannot write",
    );
    assertRefused(await command("characterisation_diversity", "plot", "--input", output), output);
    assertRefused(
      await command("characterisation_diversity", "compute", ...triple(), "--topk", "0"),
      "--topk",
    );
    for (
      const analysis of [["characterisation_energy"], ["characterisation_diversity", "compute"]]
    ) {
      const [name, ...rest] = analysis;
      const taken = await command(name, ...rest, ...triple(), "--output", output);
      assertRefused(
        taken,
        `Cannot write ${output}: a file is there, and no `,
      );
    }
    assertEquals(Deno.readTextFileSync(output), "mine");
    assertEquals(await Deno.stat(fresh).catch(() => null), null);
  }));

Deno.test("a config that counts layers which are not there is refused at once, and nothing is made", () =>
  withTempFolder(async (folder) => {
    const tiny = join(ROOT, "dataset", "tiny", "checkpoints", "in");
    const model = join(folder, "model");
    Deno.mkdirSync(model);
    for (const { name } of Deno.readDirSync(tiny)) {
      Deno.symlinkSync(Deno.realPathSync(join(tiny, name)), join(model, name));
    }
    const config = JSON.parse(Deno.readTextFileSync(join(tiny, "config.json")));
    Deno.removeSync(join(model, "config.json"));
    Deno.writeTextFileSync(
      join(model, "config.json"),
      JSON.stringify({ ...config, num_hidden_layers: 300_000 }),
    );
    const models = triple([model, model, model]);
    const output = ["--output_dir", join(folder, "out"), "--data", "embedded"];
    const report = ["--output", join(folder, "out", "report.json")];
    const expression = ["--expression", `${model} layers 1 replaced by rl`];
    const runs = [
      ["ask", "--model", model, "--question", "What is 1 + 1?"],
      ["localization_reasoning", "--model", model, ...output],
      ["localization_vision", "--model", model, ...output],
      ["attention_shift", ...models, ...output],
      ["transferability", "--recipe", "tiny", "--models", model, ...output],
      ["characterisation_energy", ...models, ...report],
      ["characterisation_diversity", "compute", ...models, ...report],
      ["merge", "--recipe", "tiny", ...expression, "--output", join(folder, "out")],
    ];
    for (const [name, ...args] of runs) {
      assertRefused(await command(name, ...args), "num_hidden_layers 300000 disagrees");
      const made = [...walk(join(folder, "out"))];
      assertEquals(made, [], `${name} made files`);
    }
  }));

/** Files in a folder and below it. */
function* walk(folder: string): Generator<string> {
  let entries: Deno.DirEntry[] = [];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  for (const { name, isDirectory } of entries) {
    if (isDirectory) yield* walk(join(folder, name));
    else yield join(folder, name);
  }
}

Deno.test("reproduce refuses what it does not know", async () => {
  assertRefused(await command("reproduce", "--recipe", "nope"), 'Unknown recipe "nope"');
  assertRefused(await command("reproduce", "--only", "99"), 'Unknown notebook "99"');
  assertRefused(await command("reproduce", "--base", "a"), "Give all of --base, --sft and --rl");
});

/** Every task of deno.json that is a command of ours, as file and subcommand. */
const COMMANDS = Object.values(CONFIG.tasks)
  .flatMap(({ command }) => /lib\/commands\/(\w+)\.ts$/.exec(command)?.[1] ?? [])
  .filter((name) => name !== "check_notebooks")
  .flatMap((name): string[][] =>
    name === "characterisation_diversity" ? [[name, "compute"], [name, "plot"]] : [[name]]
  );

Deno.test("every command has -h, and refuses a flag that it does not know", async () => {
  assert(COMMANDS.length >= 10);
  for (const [name, ...rest] of COMMANDS) {
    const { code, stdout, stderr } = await command(name, ...rest, "-h");
    assertEquals([code, stderr], [0, ""], name);
    assertStringIncludes(stdout, "Usage: deno task");
    const unknown = await command(name, ...rest, "--unheard-of");
    assertEquals([unknown.code, unknown.stdout], [2, ""], name);
    assertRefused(unknown, 'Unknown flag "--unheard-of"; ');
  }
  const { code, stderr } = await command("characterisation_diversity", "pot");
  assertEquals(code, 2);
  assertStringIncludes(stderr, 'Unknown subcommand "pot"; did you mean "plot"?');
  assertEquals((await command("characterisation_diversity", "-h")).code, 0);
});

Deno.test("a flag's wrong value is named with what was expected, before any model is looked for", async () => {
  const nowhere = ["--model", "/nowhere"];
  const threeNowhere = ["--base", "/nowhere", "--sft", "/nowhere", "--rl", "/nowhere"];
  const cases: [string[], string][] = [
    [
      ["ask", ...nowhere, "--question", "x", "--temperature", "hot"],
      "--temperature must be a number",
    ],
    ...["sft", "gpt"].flatMap((kind): [string[], string][] => {
      const reason = `--kind must be base, reasoner or revisual, not "${kind}"`;
      return [
        [["ask", ...nowhere, "--question", "x", "--kind", kind], reason],
        [["localization_reasoning", ...nowhere, "--kind", kind], reason],
      ];
    }),
    [
      ["transferability", "--temperature", "hot"],
      '--temperature must be a number from 0, not "hot"',
    ],
    [["transferability", "--run_name", ".."], "--run_name must be the name of one folder"],
    [["localization_reasoning", ...nowhere, "--run_name", "../x"], "--run_name must be the name"],
    [["localization_vision", ...nowhere, "--layers", "0-999999999"], "no model has that many"],
    [["attention_shift", ...threeNowhere, "--fixed_text", "x"], "--fixed_text must be"],
    [["merge", "--expression", "x", "--output", "/nowhere", "--seed", "1.5"], "--seed must be"],
    [["reproduce", "--device", "tpu"], "--device must be "],
  ];
  for (const [[name, ...args], reason] of cases) {
    const outcome = await command(name, ...args);
    assertEquals(outcome.code, 2, `${name} ${args.join(" ")}: ${outcome.stderr}`);
    assertRefused(outcome, reason);
  }
});

Deno.test("--json gives one document on stdout, of what was done or of why not", async () => {
  const model = join(ROOT, "dataset", "tiny", "checkpoints", "in");
  const asked = ["--model", model, "--question", "What is 3 + 4?", "--max-new-tokens", "4"];
  const { code, stdout, stderr } = await command("ask", ...asked, "--json");
  const { kind, unmodified } = JSON.parse(stdout);
  assertEquals([code, kind, unmodified.tokens <= 4], [0, "reasoner", true]);
  assertStringIncludes(stderr, "asked as reasoner");
  const failed = await command("ask", "--model", "org/missing", "--question", "x", "--json");
  assertEquals(failed.code, 1);
  const { error } = JSON.parse(failed.stdout);
  assertStringIncludes(error, "org/missing");
  assertEquals(failed.stderr, `error: ${error}\n`);
});

Deno.test("Ctrl-C ends with how to go on, and shows no code", () =>
  withTempFolder(async (folder) => {
    const model = join(ROOT, "dataset", "tiny", "checkpoints", "base");
    const args = ["--model", model, "--dataset", "math500", "--output_dir", join(folder, "my run")];
    const child = new Deno.Command(Deno.execPath(), {
      args: commandLine("localization_reasoning", args),
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    while (![...walk(folder)].some((path) => path.endsWith("math500.jsonl"))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGINT");
    const { code, stderr } = await child.output();
    const quoted = args.map((arg) => arg.includes(" ") ? `'${arg}'` : arg);
    assertEquals([code, new TextDecoder().decode(stderr)], [
      130,
      "Interrupted. What is done is kept; this goes on:\n" +
      `  deno task localization-reasoning ${quoted.join(" ")}\n`,
    ]);
  }));

Deno.test("what files hold does not steer the terminal", () =>
  withTempFolder(async (folder) => {
    const recipe = join(folder, "r.json");
    const red = "\u001b[31mred\u001b[0m\u0007\r\u009b2J\u202egnp";
    const cases = [
      JSON.stringify({ name: red }),
      JSON.stringify({ [red]: 1 }),
      `{"name": ${red}}`,
      JSON.stringify({ name: "x", models: { base: red, sft: red, rl: red } }),
    ];
    for (const text of cases) {
      Deno.writeTextFileSync(recipe, text);
      const { code, stdout, stderr } = await command(
        "reproduce",
        "--recipe",
        recipe,
        "--results",
        folder,
      );
      assert(code !== 0);
      assertEquals(/[\p{Cc}\u202a-\u202e]/u.test((stdout + stderr).replaceAll("\n", "")), false);
      assertEquals(stderr.trim().split("\n").length, 1, stderr);
    }
  }));

Deno.test("killed in the middle, compute goes on and ends with the same file", () =>
  withTempFolder(async (folder) => {
    const checkpoints = join(ROOT, "dataset", "tiny", "checkpoints");
    const models = triple(["base", "in", "rl"].map((role) => join(checkpoints, role)));
    const [whole, killed] = [join(folder, "whole.json"), join(folder, "killed.json")];
    const args = (output: string) => ["compute", ...models, "--output", output];
    assertEquals((await command("characterisation_diversity", ...args(whole))).code, 0);

    const child = new Deno.Command(Deno.execPath(), {
      args: commandLine("characterisation_diversity", args(killed)),
      stdout: "null",
      stderr: "null",
    }).spawn();
    const records = join(folder, "killed.records", "tensors.jsonl");
    const lines = () => {
      try {
        return Deno.readTextFileSync(records).split("\n").length - 1;
      } catch {
        return 0;
      }
    };
    while (lines() < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGKILL");
    await child.status;
    const begun = Deno.readTextFileSync(records).split("\n").slice(0, -1);
    assertEquals(await Deno.stat(killed).catch(() => null), null);

    assertEquals((await command("characterisation_diversity", ...args(killed))).code, 0);
    const all = Deno.readTextFileSync(records).split("\n").slice(0, -1);
    assertEquals(all.slice(0, begun.length), begun);
    assertEquals(new Set(all.map((line) => JSON.parse(line).name)).size, all.length);
    assertEquals(Deno.readTextFileSync(killed), Deno.readTextFileSync(whole));
  }));
