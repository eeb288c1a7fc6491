/**
 * What the name of an ability model means: a checkpoint, a merge of several, or a model that others
 * serve. Nothing is looked up but folders.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { modelKind } from "../benchmarks/mod.ts";
import { listText } from "../list_text.ts";
import {
  formatMergeExpression,
  isMergeExpression,
  isModelRole,
  type MergeExpression,
  MODEL_ALIASES,
  modelsOfExpression,
  parseMergeExpression,
  readModelName,
} from "../merging/mod.ts";
import { nearestName } from "../nearest_name.ts";

/** What roles ("base", "sft", "rl") and variants mean: folders or hub ids. */
export type NamedModels = Readonly<Record<string, string>>;

/** What a name means. */
export interface AbilityName {
  /** As it is said, as it is read, and of a merge the model that all but its layers is of. */
  spellings: readonly string[];
  /** Its checkpoints: roles, variants, folders or hub ids; none of a model that others serve. */
  words: readonly string[];
  /** Null unless it is a merge. */
  merge: MergeExpression | null;
}

/** Marks a model of a server that speaks OpenAI's API, whatever its name. */
const OWN_SERVER = /^openai:/i;

/** Whether a name is of a model that others serve. */
function isServed(text: string): boolean {
  return OWN_SERVER.test(text) || ["gpt", "claude"].includes(modelKind(text));
}

/** A served model's name as one that cannot be taken for a folder or a hub id. */
export function servedName(name: string): string {
  return isServed(name) ? name : `openai:${name}`;
}

/** What a word means that is neither a merge expression nor a served model's name. */
function readWord(text: string, named: NamedModels): string {
  const word = readModelName(text, Object.keys(named));
  if (word !== null) return word;
  const variants = Object.keys(named).filter((name) => !isModelRole(name));
  const known = [...Object.keys(MODEL_ALIASES), ...variants];
  const nearest = nearestName(text, known);
  const meant = nearest === undefined ? "" : `did you mean ${JSON.stringify(nearest)}? It is `;
  throw new Error(
    `Unknown model ${JSON.stringify(text)}: ${meant}one of ${listText(known)}, a folder (with a ` +
      "slash: ./name), a hub id (org/name), a merge expression, the name of an OpenAI or " +
      "Claude model, or openai:NAME for a model of a server that speaks OpenAI's API",
  );
}

/**
 * Reads the name of a model.
 *
 * @throws {Error} if it means nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { spellings, words } = readAbilityName("openai:org/served", {});
 * assertEquals([spellings, words], [["openai:org/served", "org/served"], []]);
 * ```
 */
export function readAbilityName(text: string, named: NamedModels): AbilityName {
  const name = text.trim();
  if (isMergeExpression(name)) {
    const merge = parseMergeExpression(name, { names: Object.keys(named) });
    const words = modelsOfExpression(merge);
    return { spellings: [name, formatMergeExpression(merge), words[0]], words, merge };
  }
  if (isServed(name)) {
    return { spellings: [name, name.replace(OWN_SERVER, "")], words: [], merge: null };
  }
  const word = readWord(name, named);
  return { spellings: [name, word], words: [word], merge: null };
}

/**
 * Makes sure that a model's name means something, before long work. Nothing is downloaded.
 *
 * @throws {Error} if it is no name of a model, or a path of no folder.
 */
export function checkModelName(text: string, named: NamedModels): void {
  for (const word of readAbilityName(text, named).words) {
    if (/^[./]/.test(word) && !existsSync(word)) {
      throw new Error(`Cannot find the model ${word}: there is no such folder`);
    }
  }
}

/**
 * The first checkpoint that models are made of, a folder or hub id; undefined if all are served, or
 * if nobody said which it is, which opening refuses.
 */
export function firstCheckpoint(names: readonly string[], named: NamedModels): string | undefined {
  const [word] = names.flatMap((name) => readAbilityName(name, named).words);
  const reference = named[word] ?? word;
  return reference === undefined || isModelRole(reference) ? undefined : reference;
}
