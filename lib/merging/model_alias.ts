/**
 * How an expression names a model: by its role in the recipe, by a name of the recipe, by a folder
 * or by an id on the hub.
 *
 * @module
 */

/** Role of a model in a recipe. */
export type ModelRole = "base" | "sft" | "rl";

/** The roles as figures and tables write them. */
export const ROLE_LABELS: Readonly<Record<ModelRole, string>> = {
  base: "Base",
  sft: "IN",
  rl: "RL",
};

/** Names of the roles, lower case; `in` is what the figures call the supervised model. */
export const MODEL_ALIASES: Readonly<Record<string, ModelRole>> = {
  base: "base",
  sft: "sft",
  coldstart: "sft",
  in: "sft",
  rl: "rl",
  final: "rl",
};

const QUOTED = /^"([^"]*)"$|^'([^']*)'$/;

/**
 * Whether a name is of a folder or of a model on the hub: it has a slash, or starts with a dot. One
 * with a space or a plus sign in it must be quoted or look like a path.
 */
function isModelReference(name: string, quoted: boolean): boolean {
  return (/[/\\]/.test(name) || name.startsWith(".")) &&
    (quoted || /^[./]/.test(name) || !/[\s+]|^["']/.test(name)) &&
    !/^\d+\/\d+$/.test(name) && !/^(noise|alpha|component)=/i.test(name);
}

/**
 * Reads the name of a model.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readModelName("Coldstart"), "sft");
 * assertEquals(readModelName("rll"), null);
 * ```
 *
 * @param word One word, or any text in quotes (single or double).
 * @param names Further names that are known, e.g. a recipe's variants.
 * @returns The role, the known name as it is spelled there, or the reference itself; null if the
 * word is none of these.
 */
export function readModelName(word: string, names: readonly string[] = []): string | null {
  const quoted = QUOTED.exec(word);
  const text = quoted?.[1] ?? quoted?.[2] ?? word;
  const lower = text.toLowerCase();
  if (Object.hasOwn(MODEL_ALIASES, lower)) return MODEL_ALIASES[lower];
  const known = names.find((name) => name.toLowerCase() === lower);
  return known ?? (isModelReference(text, quoted !== null) ? text : null);
}

/** A model's name as {@linkcode readModelName} reads it back, in quotes where it needs them. */
export function writeModelName(name: string): string {
  if (!/[\s+]|^["']/.test(name)) return name;
  return name.includes('"') ? `'${name}'` : `"${name}"`;
}

/** Whether a name that {@linkcode readModelName} gave is a role. */
export function isModelRole(name: string): name is ModelRole {
  return ["base", "sft", "rl"].includes(name);
}
