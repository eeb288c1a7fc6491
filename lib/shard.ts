/**
 * One of several runs that share an experiment's work: it takes every `count`-th sample, or tensor,
 * and records what it found; the report is made when the records of all are together.
 *
 * @module
 */
import { NotRunError } from "./not_run_error.ts";

/** Which part of the work a run does. */
export interface Shard {
  /** From 1. */
  index: number;
  count: number;
}

/** "3/8", as a user writes it. */
export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}

/**
 * The shard that a text such as "3/8" names.
 *
 * @throws {Error} if it is no such text.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(readShard("3/8"), { index: 3, count: 8 });
 * assertThrows(() => readShard("9/8"), Error, "from 1/8 to 8/8");
 * ```
 */
export function readShard(text: string): Shard {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim())?.map(Number) ?? [];
  if (count === undefined || count === 0) {
    throw new Error(`Unknown shard ${JSON.stringify(text)}: write it as 3/8, the third of eight`);
  }
  if (index >= 1 && index <= count) return { index, count };
  throw new Error(
    `Unknown shard ${text.trim()}: the ${count} shards are from 1/${count} to ${count}/${count}`,
  );
}

/**
 * What a shard has of a list; all of it where there are no shards.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(partOf(["a", "b", "c"], { index: 1, count: 2 }), ["a", "c"]);
 * ```
 */
export function partOf<T>(items: readonly T[], shard: Shard | undefined): readonly T[] {
  if (!shard) return items;
  return items.filter((_, i) => i % shard.count === shard.index - 1);
}

/**
 * Numbers in order, with neighbours as ranges.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(rangesText([1, 2, 3, 7]), "1-3,7");
 * ```
 */
export function rangesText(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(",");
}

/** Ends a shard's work on an experiment: its part is recorded, and there is no report of a part. */
export class PartRecorded extends NotRunError {
  constructor(shard: Shard) {
    super(`these are the records of shard ${shardText(shard)} alone; --gather makes the report`);
  }
}
