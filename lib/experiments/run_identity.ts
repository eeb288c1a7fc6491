/**
 * What decides a run's results. Every study states it in the same form: results are continued or
 * reused only where it is equal, and where it is not, what differs can be named.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, join, relative, sep } from "node:path";
import { findTensors } from "../checkpoint/mod.ts";

/** Raised when a change of the rules that grade answers changes a grade. */
export const GRADING_VERSION = 2;

/** A value as JSON holds it. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What decides a model's part in the results. */
export interface ModelIdentity {
  /** From {@linkcode fingerprintCheckpoint}; for a merge, those of each of its models. */
  readonly files?: Json;
  /** How it is run and asked, how a merge is made, who serves it. */
  readonly [key: string]: Json | undefined;
}

/** What decides a run's results. */
export interface RunIdentity {
  /** Name of the experiment. */
  readonly experiment: string;
  /** Of the experiment's code: raised when a change of it changes results. */
  readonly version: number;
  /** {@linkcode GRADING_VERSION}, where answers are graded. */
  readonly grading?: number;
  /** By role, or "model" where there is one; absent where each has a folder of its own. */
  readonly models?: Readonly<Record<string, ModelIdentity>>;
  /** What is asked: a hash of it by data set, and how it was drawn. */
  readonly data?: Readonly<Record<string, Json>>;
  /** Whatever else a user can set and that changes results. */
  readonly options: Readonly<Record<string, Json>>;
}

/** Weight files up to this size are hashed whole. */
const HASHED_BYTES = 512 << 20;

/** Names of the files beside the weights that the analyses of weights read. */
const CONFIG = /^config\.json$/;
/** Names of the files beside the weights that can change an answer. */
const ANSWERS =
  /^(?:config|generation_config|special_tokens_map|added_tokens|vocab|merges|chat_template|.*tokenizer.*|.*processor_config)\.(?:json|jinja|txt|model)$/;
const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** SHA-256 of a file's content, in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * Identifies one file: by its content's SHA-256 where that is cheap to know (small files, and files
 * of the hub's cache, which are named by it), else by size and time of last change.
 */
async function fingerprintFile(path: string): Promise<string> {
  const target = await Deno.realPath(path);
  if (/^[0-9a-f]{64}$/.test(basename(target))) return `sha256:${basename(target)}`;
  const { size, mtime } = await Deno.stat(target);
  if (size <= HASHED_BYTES) return `sha256:${await hashFile(target)}`;
  return `stat:${size}:${mtime?.getTime() ?? 0}`;
}

/**
 * Fingerprint of each file of a checkpoint folder that can change results: weights and their index,
 * configuration, and, for answers, tokenizer, chat template, preprocessor and generation defaults.
 *
 * @param use What the checkpoint is used for; default "answers".
 * @returns Path in the folder -> "sha256:HEX", or "stat:SIZE:MTIME" for a large file outside of the
 * hub's cache.
 * @throws {Error} if the folder's weights cannot be found or read.
 */
export async function fingerprintCheckpoint(
  folder: string,
  use: "answers" | "weights" = "answers",
): Promise<Record<string, string>> {
  const weights = new Set(
    [...findTensors(folder).values()].map(({ file }) => relative(folder, file)),
  );
  const small = use === "answers" ? ANSWERS : CONFIG;
  const beside = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    // One file of weights is read without the index.
    small.test(name) || name === INDEX && !weights.has(SINGLE)
  );
  const entries = await Promise.all(
    [...beside.sort(), ...[...weights].sort()].map(async (path) => [
      path.replaceAll(sep, "/"),
      await fingerprintFile(join(folder, path)),
    ]),
  );
  return Object.fromEntries(entries);
}

/** Short hash of any JSON value with ordered keys, for keys of stored results. */
export function hashJson(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

/** Longest value that a message shows, and what is shown of a longer one. */
const SHOWN = { most: 60, cut: 24 };

function show(json: string | undefined): string {
  if (json === undefined) return "nothing";
  const text = json.replaceAll('"', "");
  return text.length > SHOWN.most ? `${text.slice(0, SHOWN.cut)}...` : text;
}

/** Every value in nested objects as JSON, by its path. */
function leaves(value: unknown, path: string, into: Map<string, string>): Map<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return into.set(path, JSON.stringify(value));
  }
  for (const [key, inner] of Object.entries(value)) {
    leaves(inner, path === "" ? key : `${path}/${key}`, into);
  }
  return into;
}

/**
 * In what two identities differ, one entry for each file or option.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const at = (n: number) => ({ experiment: "x", version: 1, options: { sample_size: n } });
 * assertEquals(identityDifferences(at(10), at(20)), ["options/sample_size (10 there, 20 here)"]);
 * ```
 */
export function identityDifferences(there: unknown, here: unknown): string[] {
  // What JSON does not hold (undefined) must not count as a difference.
  const [a, b] = [there, here].map((value) =>
    leaves(JSON.parse(JSON.stringify(value)), "", new Map())
  );
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((path) => a.get(path) !== b.get(path))
    .map((path) => `${path} (${show(a.get(path))} there, ${show(b.get(path))} here)`);
}
