/**
 * Recipes: which three checkpoints to analyse, as JSON.
 *
 * @module
 */
import { basename, dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { dataSources, MODEL_KINDS, type ModelKind } from "../benchmarks/mod.ts";
import { didYouMean } from "../nearest_name.ts";
import { listText } from "../list_text.ts";
import { MODEL_ALIASES } from "../merging/mod.ts";
import { readReport } from "../read_report.ts";
import { THIRDS } from "../thirds.ts";

const modelSchema = z.string().min(1);

const recipeSchema = z.strictObject({
  name: z.string().regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    "must be letters, digits, '.', '_' or '-' (it names a folder)",
  ),
  description: z.string().default(""),
  /** What its models are asked: "embedded", "hub" or a folder, several with commas between. */
  data: z.string().optional(),
  /** A folder (relative to the recipe's file if it starts with a dot) or a hub id. */
  models: z.strictObject({ base: modelSchema, sft: modelSchema, rl: modelSchema }),
  /** Further checkpoints by name, e.g. RL with a block frozen. */
  variants: z.record(z.string(), modelSchema).default({}),
  /** Which third of its layers a variant was trained without, by its name. */
  frozen: z.record(z.string(), z.enum(THIRDS)).default({}),
  /**
   * How models were trained to be asked, by role or variant. Where not stated, base is "base", and
   * others' is read off their names.
   */
  kinds: z.record(z.string(), z.enum(MODEL_KINDS as [ModelKind, ...ModelKind[]])).default({}),
}).superRefine(({ models, variants, kinds, frozen }, context) => {
  const known = [...Object.keys(models), ...Object.keys(variants)];
  for (const name of Object.keys(kinds).filter((name) => !known.includes(name))) {
    const message = `names no model of the recipe; there are ${listText(known)}`;
    context.addIssue({ code: "custom", path: ["kinds", name], message });
  }
  for (const name of Object.keys(frozen).filter((name) => !Object.hasOwn(variants, name))) {
    const message = `names no variant; there are ${listText(Object.keys(variants)) || "none"}`;
    context.addIssue({ code: "custom", path: ["frozen", name], message });
  }
  for (const name of Object.keys(variants)) {
    const word = name.toLowerCase();
    if (!Object.hasOwn(MODEL_ALIASES, word)) continue;
    const message = `means the model ${MODEL_ALIASES[word]}; give the variant another name`;
    context.addIssue({ code: "custom", path: ["variants", name], message });
  }
});

/** A recipe; model references are absolute folders or hub ids. */
export type Recipe = z.infer<typeof recipeSchema>;

const BUILT_IN = fileURLToPath(new URL("./recipes", import.meta.url));

/** Names of the built-in recipes. */
export function builtInRecipes(): string[] {
  return [...Deno.readDirSync(BUILT_IN)].map(({ name }) => basename(name, ".json")).sort();
}

function absoluteModel(reference: string, folder: string): string {
  return reference.startsWith(".") ? resolve(folder, reference) : reference;
}

/** A recipe's statement of its data, with absolute folders. */
function placesOf(data: string, path: string): string {
  try {
    return dataSources(data, dirname(path)).join(",");
  } catch (cause) {
    throw new Error(`Cannot read the recipe ${path}: data: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Reads a recipe.
 *
 * @param nameOrFile Name of a built-in recipe, or path of a JSON file.
 * @throws {Error} if there is no such recipe, or the file is not one; names the file and the field.
 *
 * @example
 * ```ts
 * console.log(readRecipe("MMR1").models.rl); // MMR1/MMR1-7B-RL
 * ```
 */
export function readRecipe(nameOrFile: string): Recipe {
  const isFile = nameOrFile.endsWith(".json") || isAbsolute(nameOrFile);
  if (!isFile && !builtInRecipes().includes(nameOrFile)) {
    throw new Error(
      `Unknown recipe ${
        didYouMean(nameOrFile, builtInRecipes())
      } (or give the path of a recipe's ` +
        ".json file)",
    );
  }
  const path = isFile ? resolve(nameOrFile) : resolve(BUILT_IN, `${nameOrFile}.json`);
  const recipe = readReport(path, recipeSchema, "the recipe");
  const { models, variants, kinds, data, ...rest } = recipe;
  const absolute = (references: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(references).map(([name, ref]) => [name, absoluteModel(ref, dirname(path))]),
    );
  return {
    ...rest,
    ...(data === undefined ? {} : { data: placesOf(data, path) }),
    models: absolute(models) as Recipe["models"],
    variants: absolute(variants),
    kinds: { base: "base", ...kinds },
  };
}
