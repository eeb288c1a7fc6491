/**
 * Reading the JSON files beside a checkpoint's weights.
 *
 * @module
 */

/**
 * Reads a JSON file that may be absent.
 *
 * @returns Its value; undefined if there is no such file.
 * @throws {Error} if it cannot be read or is not JSON; names the file.
 */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}
