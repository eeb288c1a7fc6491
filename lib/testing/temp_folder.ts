/**
 * Temporary folders for tests.
 *
 * @module
 */

/** Runs `use` with a new folder that is removed afterwards. */
export async function withTempFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
