/**
 * Files that are either whole or absent: written beside their place, then renamed into it.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { makeTemporary } from "./temporary.ts";

/** What the system says of a failure with a file, in words where its own are not plain. */
export function systemReason(error: unknown): string {
  const { message, code } = error as Error & { code?: string };
  return code === "ENOSPC" ? `the disk is full (${message})` : message;
}

function explain(what: string, path: string, cause: unknown): Error {
  return new Error(`Cannot ${what} ${resolve(path)}: ${systemReason(cause)}`, { cause });
}

/**
 * Adds text to the end of a file, making it and its folder if needed.
 *
 * @throws {Error} if it cannot be written; names the file.
 */
export function appendText(path: string, text: string): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, text, { append: true });
  } catch (cause) {
    throw explain("write", path, cause);
  }
}

/**
 * Writes a file, making its folder; a reader sees the old content or the new, never a part.
 *
 * @throws {Error} if the place cannot be written; the old content is then untouched.
 */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    using temporary = makeTemporary(path, "file");
    try {
      const file = temporary.handle!;
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      // Without this a crash of the machine may leave the new name with no content.
      await file.syncData();
      await Deno.rename(temporary.path, path);
    } catch (error) {
      await Deno.remove(temporary.path).catch(() => {});
      throw error;
    }
  } catch (cause) {
    throw explain("write", path, cause);
  }
}

/**
 * Makes sure, before long work, that a file can be written later. Changes no file.
 *
 * @throws {Error} if the folder cannot be made or written, or `path` is a folder.
 */
export async function checkWritable(path: string): Promise<void> {
  try {
    const isFolder = await Deno.stat(path).then((info) => info.isDirectory, () => false);
    if (isFolder) throw new Error("it is a folder");
    await Deno.mkdir(dirname(path), { recursive: true });
    using probe = makeTemporary(path, "file");
    await Deno.remove(probe.path);
  } catch (cause) {
    throw explain("write", path, cause);
  }
}
