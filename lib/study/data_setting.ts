/**
 * Which questions models are asked: what is said, or what follows from where the models are from.
 *
 * @module
 */
import { parseHubReference } from "../checkpoint/hub/mod.ts";
import { DATA_HELP, dataSources } from "../benchmarks/mod.ts";
import { isFolder } from "../paths.ts";
import { builtInRecipes, readRecipe } from "./recipe.ts";
import { namesInRecipe } from "./recipe_kind.ts";

function isOfHub(reference: string): boolean {
  return !isFolder(reference) && parseHubReference(reference) !== null;
}

/** Whether a model is one of the suite's own. */
function isEmbedded(reference: string): boolean {
  return builtInRecipes().map((name) => readRecipe(name))
    .some((recipe) => recipe.data === "embedded" && namesInRecipe(recipe, reference).length > 0);
}

/**
 * The data setting of models: what is stated; else the embedded questions for the suite's own
 * models, and the published ones for models of the hub.
 *
 * @param references Folders and hub ids.
 * @param stated Places with commas between; folders relative to the working folder.
 * @throws {Error} if nothing is stated and a model is another folder: what it should be asked is
 * not for the suite to guess.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(chooseData(["MMR1/MMR1-7B-RL"]), "hub");
 * assertEquals(chooseData(["dataset/tiny/checkpoints/rl"]), "embedded");
 * ```
 */
export function chooseData(references: readonly string[], stated?: string): string {
  if (stated) return dataSources(stated).join(",");
  if (references.length > 0 && references.every(isEmbedded)) return "embedded";
  if (references.length > 0 && references.every(isOfHub)) return "hub";
  const own = references.filter((reference) => !isOfHub(reference));
  throw new Error(
    `Cannot choose the questions for ${own.join(", ") || "models that others serve"}: say which ` +
      `ones with --data, or with "data" in the recipe: ${DATA_HELP}`,
  );
}
