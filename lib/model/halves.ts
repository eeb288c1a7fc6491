/**
 * Work that a device's memory may be too small for.
 *
 * @module
 */
import type { Backend } from "./backend.ts";
import { DeviceMemoryError } from "./session.ts";

/**
 * Does the work on all items together or, where the device's memory is too small for them, on one half
 * after the other, and a warning says so.
 *
 * @param what Items are, in a word, for the warning.
 * @param work Is given items that follow each other, and the index of the first.
 * @returns The results in the order of the items.
 * @throws {DeviceMemoryError} if it is too small for one item.
 */
export async function inHalves<Item, Result>(
  backend: Pick<Backend, "description">,
  what: string,
  { items, from = 0 }: { items: readonly Item[]; from?: number },
  work: (items: readonly Item[], from: number) => Promise<Result[]>,
): Promise<Result[]> {
  try {
    return await work(items, from);
  } catch (error) {
    if (!(error instanceof DeviceMemoryError) || items.length === 1) throw error;
  }
  const half = Math.ceil(items.length / 2);
  console.warn(
    `The memory of ${backend.description} is too small for ${items.length} ${what}; going on with ` +
      `${half} at a time`,
  );
  const first = await inHalves(backend, what, { items: items.slice(0, half), from }, work);
  const rest = { items: items.slice(half), from: from + half };
  return [...first, ...await inHalves(backend, what, rest, work)];
}
