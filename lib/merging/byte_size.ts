/**
 * Sizes in bytes as people write them.
 *
 * @module
 */

/**
 * Reads a size: a number and B, KB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB (of 1024).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([parseByteSize("5GB"), parseByteSize("1.5 MiB")], [5e9, 1572864]);
 * ```
 *
 * @returns Whole bytes, at least 1.
 * @throws {Error} if the text is something else.
 */
export function parseByteSize(text: string): number {
  const match = /^\s*(\d{1,15}(?:\.\d{1,15})?)\s*(?:([kmgt])(i?)b|b?)\s*$/i.exec(text);
  const [, size, prefix, binary] = match ?? [];
  const power = prefix ? 1 + "kmgt".indexOf(prefix.toLowerCase()) : 0;
  const bytes = Math.floor(Number(size) * (binary ? 1024 : 1000) ** power);
  if (!(bytes >= 1 && Number.isSafeInteger(bytes))) {
    throw new Error(
      `Cannot read a size from ${JSON.stringify(text)}: give a number and a unit, as 5GB or 500MiB`,
    );
  }
  return bytes;
}
