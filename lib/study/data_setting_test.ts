import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { withTempFolder } from "../testing/temp_folder.ts";
import { chooseData } from "./data_setting.ts";
import { builtInRecipes, readRecipe } from "./recipe.ts";
import { openStudy } from "./study.ts";

const HUB = ["Qwen/Qwen2.5-VL-7B-Instruct", "MMR1/MMR1-7B-SFT@abc", "MMR1/MMR1-7B-RL"];

Deno.test("built-in recipes state their data: toy questions for toy models only", () => {
  for (const name of builtInRecipes()) {
    // The control family has questions of its own.
    const own = join("dataset", "control", "benchmarks");
    if (name === "control") {
      assert(readRecipe(name).data?.endsWith(own));
      continue;
    }
    const data = name.startsWith("tiny") ? "embedded" : "hub";
    assertEquals([readRecipe(name).data, openStudy({ recipe: name }).data], [data, data]);
  }
});

Deno.test("what is said holds; else the models say it; else it is refused", () =>
  withTempFolder((folder) => {
    const { base, sft } = readRecipe("tiny-b").models;
    assertEquals(chooseData([base, sft]), "embedded");
    assertEquals(chooseData(HUB), "hub");
    assertEquals(chooseData([base, folder], "hub"), "hub");
    assertEquals(chooseData(HUB, `embedded, ${folder}`), `embedded,${folder}`);
    for (const models of [[folder], [...HUB, folder], [base, ...HUB], []]) {
      assertThrows(
        () => chooseData(models),
        Error,
        'say which ones with --data, or with "data" in the recipe: embedded (the suite\'s own',
      );
    }
  }));

Deno.test("a recipe of own models needs data, by itself or from who opens it", () =>
  withTempFolder((folder) => {
    const write = (recipe: Record<string, unknown>) => {
      const path = join(folder, "mine.json");
      Deno.writeTextFileSync(path, JSON.stringify({ name: "mine", ...recipe }));
      return { recipe: path, results: folder };
    };
    const own = { base: "./a", sft: "./b", rl: "org/rl" };
    const silent = openStudy(write({ models: own }));
    assertThrows(
      () => silent.data,
      Error,
      `Cannot choose the questions for ${join(folder, "a")}, `,
    );
    assertEquals(openStudy({ ...write({ models: own }), data: "hub" }).data, "hub");
    const stated = write({ models: own, data: "hub,./pairs" });
    assertEquals(openStudy(stated).data, `hub,${join(folder, "pairs")}`);
    assertEquals(openStudy({ ...stated, data: "embedded" }).data, "embedded");
    const hub = { base: "a/b", sft: "c/d", rl: "e/f" };
    assertEquals(openStudy(write({ models: hub })).data, "hub");
    // A frozen checkpoint in a folder is a model of one's own too.
    const frozen = openStudy(write({ models: hub, variants: { "rl-frozen-late": "./x" } }));
    assertThrows(() => frozen.data, Error, join(folder, "x"));
  }));
