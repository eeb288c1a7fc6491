import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { Checkpoint } from "../checkpoint/mod.ts";
import { writeSmallModel } from "../merging/testdata/small_models.ts";
import { runOutside } from "../testing/command.ts";
import { withTempFolder } from "../testing/temp_folder.ts";

const merge = (...args: string[]) => runOutside("merge", args);

Deno.test("a merge is shown, written and accounted for", () =>
  withTempFolder(async (folder) => {
    const sft = writeSmallModel(join(folder, "sft"), { seed: 1 });
    const rl = writeSmallModel(join(folder, "rl"), {
      seed: 2,
      change: (tensors) => delete tensors["model.layers.5.self_attn.q_proj.bias"],
    });
    const output = join(folder, "new", "merged");
    const { code, stdout, stderr } = await merge(
      ...["--expression", "IN early 1/3 layers + final late 2/3 layers", "--output", output],
      ...["--sft", sft, "--rl", rl, "--layer-cuts", "1", "4", "--max-shard-size", "1kB"],
    );
    assertEquals([code, stderr], [0, ""]);
    for (
      const part of [
        "sft early 1/3 layers + rl late 2/3 layers\n",
        "0       early   take       sft",
        "layers    A     BBB    BB",
        "A = sft, B = rl",
        "10 from sft, 24 from rl",
        "note: rl: 1 layer tensors are not in it and stayed the first model's: model.layers.5.",
      ]
    ) assertStringIncludes(stdout, part);
    using merged = Checkpoint.open(output);
    using donor = Checkpoint.open(rl);
    const name = "model.layers.1.mlp.up_proj.weight";
    assertEquals(merged.read(name), donor.read(name));
  }));

Deno.test("names mean the recipe's models, and flags go before them", () =>
  withTempFolder(async (folder) => {
    const variant = writeSmallModel(join(folder, "frozen"), { seed: 3 });
    const base = writeSmallModel(join(folder, "base"), { seed: 1 });
    const recipe = join(folder, "mine.json");
    const models = { base: "./nowhere", sft: "./nowhere", rl: "./nowhere" };
    const variants = { "rl-frozen": "./frozen" };
    Deno.writeTextFileSync(recipe, JSON.stringify({ name: "mine", models, variants }));
    const output = join(folder, "merged");
    const { code, stderr } = await merge(
      ...["--expression", "base layers 0-1 replaced by RL-frozen", "--output", output],
      ...["--recipe", recipe, "--base", base],
    );
    assertEquals([code, stderr], [0, ""]);
    const account = JSON.parse(Deno.readTextFileSync(join(output, "merge.json")));
    assertEquals(account.models["rl-frozen"].ref, variant);
  }));

Deno.test("bad input is one line, a failing exit code, and nothing written", () =>
  withTempFolder(async (folder) => {
    const sft = writeSmallModel(join(folder, "sft"));
    const output = join(folder, "merged");
    const refused = async (message: string, expression: string, ...more: string[]) => {
      const given = ["--expression", expression, "--output", output, "--sft", sft];
      const { code, stderr } = await merge(...given, ...more);
      assert(code !== 0, message);
      const lines = stderr.trim().split("\n").filter((line) => !line.startsWith("See "));
      assertEquals(lines.length, 1, stderr);
      assertStringIncludes(stderr, message);
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["sft"]);
    };
    const noise = "sft layers 0-1 ablate noise=0.5";
    await Promise.all([
      refused('at character 11 ("1/4")', "sft early 1/4 + rl late 2/3"),
      refused(
        "names rl, but it is not known: give --rl or --recipe",
        "rl layers 0 replaced by sft",
      ),
      refused("layers 0 to 5", "sft layers 3-6 replaced by sft"),
      refused("it changes nothing", "sft layers 3-5 replaced by sft"),
      refused("it changes nothing", "sft layers 3-5 interpolate rl alpha=0.5", "--rl", sft),
      refused("it changes nothing", "sft layers 3-5 ablate noise=0"),
    ]);
    await Promise.all([
      refused("--seed must be a whole number", noise, "--seed", "x"),
      refused("Cannot read a size", noise, "--max-shard-size", "big"),
      refused("Cannot read layer cuts", noise, "--layer-cuts", "3"),
      refused("is not empty", noise, "--output", sft),
    ]);
  }));
