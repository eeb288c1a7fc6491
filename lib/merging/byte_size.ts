/**
 * Sizes in bytes as people write them.
 *
 * @module
 */

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/**
 * Reads a size: a number and B, KB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB (of 1024).
 *
 * @example
 * ```ts
 * console.log(parseByteSize("5GB"), parseByteSize("1.5 MiB")); // 5000000000 1572864
 * ```
 *
 * @returns Whole bytes, at least 1.
 * @throws {Error} if the text is something else.
 */
export function parseByteSize(text: string): number {
  const match = /^\s*(\d{1,15}(?:\.\d{1,15})?)\s*([a-z]{0,3})\s*$/i.exec(text);
  const unit = match?.[2].toUpperCase() ?? "";
  const bytes = match && Object.hasOwn(UNITS, unit)
    ? Math.floor(Number(match[1]) * UNITS[unit])
    : NaN;
  if (!(bytes >= 1 && Number.isSafeInteger(bytes))) {
    throw new Error(
      `Cannot read a size from ${JSON.stringify(text)}: give a number and a unit, as 5GB or 500MiB`,
    );
  }
  return bytes;
}
