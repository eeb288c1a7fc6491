/**
 * How a model was trained to be asked, where a recipe says so.
 *
 * @module
 */
import { join, resolve } from "node:path";
import type { ModelKind } from "../benchmarks/mod.ts";
import { z } from "zod";
import { ACCOUNT_FILE } from "../merging/mod.ts";
import { readStrictJson } from "../strict_json.ts";
import { builtInRecipes, readRecipe, type Recipe } from "./recipe.ts";

/** Folders by their path, hub ids without revision. */
function place(reference: string): string {
  try {
    return Deno.realPathSync(resolve(reference));
  } catch {
    return reference.split("@")[0];
  }
}

/** The roles and variants that a recipe gives to a model, by its folder or hub id. */
export function namesInRecipe(
  { models, variants }: Pick<Recipe, "models" | "variants">,
  reference: string,
): string[] {
  const wanted = place(reference);
  return Object.entries({ ...models, ...variants })
    .filter(([, known]) => place(known) === wanted).map(([name]) => name);
}

/**
 * The kind that a recipe states for one of its models.
 *
 * @param reference Folder or hub id.
 * @returns Undefined if it is none of the recipe's models, or the recipe does not say.
 */
export function kindInRecipe(recipe: Recipe, reference: string): ModelKind | undefined {
  return namesInRecipe(recipe, reference).map((name) => recipe.kinds[name])
    .find((kind) => kind !== undefined);
}

/** Of the account that a written merge has: where its models are from, the first one first. */
const ACCOUNT = z.object({ models: z.record(z.string(), z.object({ ref: z.string() })) });

/** The model that gave a written merge its prompt and tokenizer; undefined if it is no merge. */
function firstParent(folder: string): string | undefined {
  const account = ACCOUNT.safeParse(readStrictJson(join(folder, ACCOUNT_FILE)));
  return account.success ? Object.values(account.data.models)[0]?.ref : undefined;
}

/**
 * The kind that the built-in recipes state for a model, or for the first parent of a merge, so that it is asked alike under whatever
 * name it is given.
 *
 * @example
 * ```ts
 * console.log(kindOfReference("dataset/tiny/checkpoints/base")); // base
 * console.log(kindOfReference("csfufu/Revisual-R1-final")); // revisual
 * ```
 *
 * @returns Undefined if no recipe says.
 */
export function kindOfReference(reference: string): ModelKind | undefined {
  for (const name of builtInRecipes()) {
    const kind = kindInRecipe(readRecipe(name), reference);
    if (kind) return kind;
  }
  const parent = firstParent(reference);
  return parent === undefined || parent === reference ? undefined : kindOfReference(parent);
}
