/**
 * Room on a disk.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { resolve } from "node:path";

/** Free bytes where a folder is, or will be made; null where the file system does not say. */
export async function freeBytes(folder: string): Promise<number | null> {
  for (let path = resolve(folder);; path = resolve(path, "..")) {
    const disk = await statfs(path).catch(() => null);
    // Some network file systems report no sizes at all.
    if (disk !== null) return disk.blocks === 0 ? null : disk.bavail * disk.bsize;
    if (path === resolve(path, "..")) return null;
  }
}
