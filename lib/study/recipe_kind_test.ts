import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { tinyFolder } from "../testing/tiny_model.ts";
import { withTempFolder } from "../testing/temp_folder.ts";
import { builtInRecipes, readRecipe } from "./recipe.ts";
import { kindInRecipe, kindOfReference } from "./recipe_kind.ts";

Deno.test("every built-in recipe states the kind of every model", () => {
  for (const name of builtInRecipes()) {
    const { models, variants, kinds } = readRecipe(name);
    assertEquals(
      Object.keys(kinds).sort(),
      [...Object.keys(models), ...Object.keys(variants)].sort(),
    );
  }
});

Deno.test("a model is known by its folder, however it is written, and by its hub id", () =>
  withTempFolder((folder) => {
    const link = join(folder, "link");
    Deno.symlinkSync(tinyFolder("base"), link);
    assertEquals(kindOfReference(tinyFolder("base")), "base");
    assertEquals(kindOfReference(`${tinyFolder("base")}/../base/`), "base");
    assertEquals(kindOfReference(link), "base");
    assertEquals(kindOfReference(tinyFolder("in")), "reasoner");
    assertEquals(kindOfReference("Qwen/Qwen2.5-VL-7B-Instruct@main"), "base");
    assertEquals(kindOfReference("csfufu/Revisual-R1-Coldstart"), "revisual");
    assertEquals(kindOfReference("AIcell/Frankenstein-RL-Frozen-Mid"), "reasoner");
    assertEquals(kindOfReference(folder), undefined);
    // A written merge is asked as its first model.
    for (const [first, kind] of [["in", "reasoner"], ["base", "base"]] as const) {
      const models = { first: { ref: tinyFolder(first) }, rl: { ref: tinyFolder("rl") } };
      Deno.writeTextFileSync(join(folder, "merge.json"), JSON.stringify({ models }));
      assertEquals(kindOfReference(folder), kind);
    }
    const recipe = readRecipe("tiny");
    assertEquals(kindInRecipe({ ...recipe, kinds: {} }, tinyFolder("base")), undefined);
  }));
