/**
 * How an expression names a model: by its role in the recipe, by a name of the recipe, by a folder
 * or by an id on the hub.
 *
 * @module
 */

/** Role of a model in a recipe. */
export type ModelRole = "base" | "sft" | "rl";

/** Names of the roles, lower case; `in` is what the figures call the supervised model. */
export const MODEL_ALIASES: Readonly<Record<string, ModelRole>> = {
  base: "base",
  sft: "sft",
  coldstart: "sft",
  in: "sft",
  rl: "rl",
  final: "rl",
};

/** Whether a word names a folder or a model on the hub: it has a slash, or starts with a dot. */
export function isModelReference(word: string): boolean {
  return (/[/\\]/.test(word) || word.startsWith(".")) && !/[\s+]/.test(word) &&
    !/^\d+\/\d+$/.test(word) && !/^(noise|alpha|component)=/i.test(word);
}

/**
 * Reads the name of a model.
 *
 * @example
 * ```ts
 * console.log(readModelName("Coldstart"), readModelName("MMR1/MMR1-7B-RL"), readModelName("rll"));
 * // sft MMR1/MMR1-7B-RL null
 * ```
 *
 * @param word One word.
 * @param names Further names that are known, e.g. a recipe's variants.
 * @returns The role, the known name as it is spelled there, or the reference itself; null if the
 * word is none of these.
 */
export function readModelName(word: string, names: readonly string[] = []): string | null {
  const lower = word.toLowerCase();
  if (Object.hasOwn(MODEL_ALIASES, lower)) return MODEL_ALIASES[lower];
  const known = names.find((name) => name.toLowerCase() === lower);
  return known ?? (isModelReference(word) ? word : null);
}

/** Whether a name that {@linkcode readModelName} gave is a role. */
export function isModelRole(name: string): name is ModelRole {
  return name === "base" || name === "sft" || name === "rl";
}
