import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Checkpoint } from "../checkpoint/mod.ts";
import { planMerge, writeMerge } from "../merging/mod.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { openStudy } from "./study.ts";

const BASE = fileURLToPath(new URL("../model/testdata/random-qwen2-vl", import.meta.url));

/** Base, IN and RL of Qwen2-VL's architecture: noise in the early layers, then in the late ones. */
async function makeRecipe(folder: string): Promise<string> {
  const change = async (from: string, name: string, expression: string) => {
    const output = join(folder, name);
    using parent = Checkpoint.open(from);
    const plan = planMerge(expression, { numLayers: 4 });
    await writeMerge(plan, new Map([["base", parent]]), { output });
    return output;
  };
  const sft = await change(BASE, "in", "base layers 0-1 ablate noise=0.05");
  const rl = await change(sft, "rl", "base layers 3-3 ablate noise=0.05");
  const recipe = join(folder, "other.json");
  await Deno.writeTextFile(
    recipe,
    JSON.stringify({
      name: "other",
      description: "Qwen2-VL at toy size, not trained",
      data: "embedded",
      models: { base: BASE, sft, rl },
      kinds: { base: "base", sft: "reasoner", rl: "reasoner" },
    }),
  );
  return recipe;
}

Deno.test("every finding runs on a family of another architecture", () =>
  withTempFolder(async (folder) => {
    const recipe = await makeRecipe(folder);
    const study = openStudy({ recipe, results: join(folder, "results") });
    const energy = await study.find("energy");
    // The noise is where it was put, and nowhere else; 0 is the projector, and layers follow.
    const changed = (phase: "sft" | "rl") =>
      new Set(
        energy.layers.filter((row) => row[phase].fro_norm > 0).map(({ layer_idx }) => layer_idx),
      );
    assertEquals([...changed("sft")], [1, 2]);
    assertEquals([...changed("rl")], [4]);
    await study.find("diversity", { topk: 5 });
    const common = { maxNewTokens: 4 };
    const vision = await study.find("vision", { ...common, numSamples: 1, tasks: ["ocr"] });
    assertEquals(vision.num_layers, 4);
    const [reasoning] = await study.find("reasoning", {
      ...common,
      sampleSize: 1,
      datasets: ["gsm8k"],
    });
    assert(reasoning);
    await study.find("attention", { ...common, sampleSize: 1 });
    await study.find("transferability", { ...common, sampleSize: 1 });
  }));
