/**
 * A folder that appears whole or not at all.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { systemReason } from "../atomic_write.ts";
import { freeBytes } from "../free_bytes.ts";
import { byteText } from "../number_format.ts";
import { makeTemporary, removeDead, type Temporary } from "../temporary.ts";

async function isPresent(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    // Not below a file either.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}

/** Throws unless the folder is absent or empty; returns whether it is there. */
async function checkAbsentOrEmpty(folder: string): Promise<boolean> {
  if (!await isPresent(folder)) return false;
  const { isDirectory } = await Deno.stat(folder);
  if (!isDirectory) throw new Error("there is a file of that name");
  for await (const { name } of Deno.readDir(folder)) {
    throw new Error(
      `the folder exists and is not empty (${name}); give another, or remove it first`,
    );
  }
  return true;
}

/** The folders that must be made for `folder` to exist, innermost first. */
async function missingFolders(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let path = folder; !await isPresent(path); path = dirname(path)) missing.push(path);
  return missing;
}

async function checkRoom(folder: string, byteLength: number) {
  const free = await freeBytes(folder);
  if (free !== null && free < byteLength) {
    throw new Error(
      `the disk has ${byteText(free)} left, ${byteText(byteLength)} are needed; free some or ` +
        "give a folder on another disk",
    );
  }
}

/**
 * Makes sure, before long work, that a folder can be made. Changes nothing.
 *
 * @throws {Error} if the folder exists and is not empty, or there is a file of that name.
 */
export async function checkNewFolder(folder: string): Promise<void> {
  try {
    await checkAbsentOrEmpty(folder);
  } catch (error) {
    throw new Error(`Cannot write ${resolve(folder)}: ${systemReason(error)}`, { cause: error });
  }
}

/** Whether an error comes from the file system rather than from the code that uses it. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && typeof (error as { code?: unknown }).code === "string";
}

/**
 * Writes a folder: `write` fills a temporary one beside it, which is renamed when it is complete. If
 * anything fails or is aborted, nothing is left behind. A process that is killed leaves a folder
 * `.NAME.HOST-RANDOM.tmp`, which the next one of this machine that writes NAME removes.
 *
 * @param folder Path; an empty folder may be there already.
 * @param write Gets the path of the temporary folder.
 * @param options.byteLength Bytes that will be written, to be refused early where there is no room.
 * @throws {Error} if the folder exists and is not empty, or cannot be written, or the disk is too
 * small; whatever `write` throws.
 */
export async function writeNewFolder<T>(
  folder: string,
  write: (temporary: string) => Promise<T>,
  { byteLength = 0 }: { byteLength?: number } = {},
): Promise<T> {
  const path = resolve(folder);
  const parent = dirname(path);
  const base = join(parent, `.${basename(path)}`);
  let made: string[] = [];
  let writing = false;
  let temporary: Temporary | undefined;
  try {
    await checkAbsentOrEmpty(path);
    made = await missingFolders(parent);
    await Deno.mkdir(parent, { recursive: true });
    removeDead({ base });
    await checkRoom(parent, byteLength);
    temporary = makeTemporary(base, "folder");
    writing = true;
    const result = await write(temporary.path);
    writing = false;
    // Checked again: it was long ago. Not every system renames over an empty folder.
    if (await checkAbsentOrEmpty(path)) await Deno.remove(path);
    await Deno.rename(temporary.path, path);
    return result;
  } catch (error) {
    if (temporary) await Deno.remove(temporary.path, { recursive: true }).catch(() => {});
    // One that someone has used meanwhile is not empty and stays.
    for (const folder of made) await Deno.remove(folder).catch(() => {});
    if (writing && !isSystemError(error)) throw error;
    throw new Error(`Cannot write ${path}: ${systemReason(error)}`, { cause: error });
  } finally {
    temporary?.[Symbol.dispose]();
  }
}
