/**
 * Answers of judges and describers on disk, so that none is asked for twice.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { z } from "zod";
import { writeAtomically } from "../atomic_write.ts";
import { unlessAborted } from "../signals.ts";

/**
 * The name under which an answer is kept: a hash of all that decides it.
 *
 * @example
 * ```ts
 * import { assertEquals, assertNotEquals } from "@std/assert";
 *
 * assertEquals(cacheKey(["a", "b"]), cacheKey(["a", "b"]));
 * assertNotEquals(cacheKey(["a", "b"]), cacheKey(["ab", ""]));
 * ```
 *
 * @returns 64 hexadecimal digits (SHA-256).
 */
export function cacheKey(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** How an answer that is not kept yet comes about. */
export interface AnswerSource<T> {
  /** What it is an answer to; written beside it, for people who look into the file. */
  about: Readonly<Record<string, unknown>>;
  ask: () => Promise<T>;
  /** Whether an answer is one to keep. */
  keep: (answer: T) => boolean;
  /** Ends the waiting; what it does to `ask` is the caller's. */
  signal?: AbortSignal;
}

/** A folder with one JSON file an answer. */
export class AnswerCache<T extends object> {
  readonly #folder: string;
  readonly #schema: z.ZodType<T>;
  readonly #underWay = new Map<string, { answer: Promise<T>; signal?: AbortSignal }>();

  /** @param schema What is kept; a file has its `key` and what it is about besides. */
  constructor(folder: string, schema: z.ZodType<T>) {
    this.#folder = folder;
    this.#schema = schema;
  }

  /**
   * The answer of a key: from its file, from a call for the same key that is under way, or by
   * asking. A file that is torn or not of this key is asked for anew and replaced.
   *
   * @param key See {@linkcode cacheKey}.
   * @throws {Error} What `ask` throws, or if the file cannot be written.
   */
  async get(key: string, source: AnswerSource<T>): Promise<T> {
    const { signal } = source;
    while (true) {
      signal?.throwIfAborted();
      const other = this.#underWay.get(key);
      if (!other) break;
      try {
        return await unlessAborted(other.answer, signal);
      } catch (error) {
        // That the other was called off is no reason to give up here.
        if (signal?.aborted || !other.signal?.aborted) throw error;
      }
    }
    const answer = this.#readOrAsk(key, source).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, { answer, signal });
    return await answer;
  }

  async #readOrAsk(key: string, { about, ask, keep }: AnswerSource<T>): Promise<T> {
    const kept = await this.read(key);
    if (kept) return kept;
    const answer = await ask();
    if (keep(answer)) await this.write(key, { ...about, ...answer });
    return answer;
  }

  #pathOf(key: string): string {
    return join(this.#folder, `${key}.json`);
  }

  /** Keeps an answer, and beside it what it is about. */
  async write(key: string, answer: T & Readonly<Record<string, unknown>>): Promise<void> {
    const text = JSON.stringify({ key, ...answer }, null, 2) + "\n";
    await writeAtomically(this.#pathOf(key), text);
  }

  /** Undefined if there is no such file, or one that this cache did not write. */
  async read(key: string): Promise<T | undefined> {
    try {
      const value: unknown = JSON.parse(await Deno.readTextFile(this.#pathOf(key)));
      const own = (value as { key?: unknown } | null)?.key === key;
      return own ? this.#schema.parse(value) : undefined;
    } catch {
      return undefined;
    }
  }
}
