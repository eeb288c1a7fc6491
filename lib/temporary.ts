/**
 * Files and folders that are being made. The process that makes one holds a lock on it, which the
 * system frees when that process ends in any way: so what a killed process left behind is told from
 * what is being written, and can be removed by the next run.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";

/** This machine in names: a file system that others share may not share its locks. */
const HOST = createHash("sha256").update(Deno.hostname()).digest("hex").slice(0, 6);
const NAME = /\.([0-9a-f]{6})-[0-9a-f]{8}\.tmp$/;

/** A temporary file or folder; disposing of it leaves it where it is, or where it was moved to. */
export class Temporary implements Disposable {
  #closed = false;

  constructor(
    readonly path: string,
    /** The open file, or folder where the system can open one. */
    readonly handle: Deno.FsFile | null,
  ) {}

  [Symbol.dispose](): void {
    if (!this.#closed) this.handle?.close();
    this.#closed = true;
  }
}

/** Whether a path still leads to an open file. */
function leadsTo(path: string, handle: Deno.FsFile): boolean {
  try {
    return Deno.statSync(path).ino === handle.statSync().ino;
  } catch {
    return false;
  }
}

/** Locks what is open; a file system that cannot lock is used without. */
function lock(handle: Deno.FsFile): boolean {
  try {
    return handle.tryLockSync(true);
  } catch {
    return true;
  }
}

/** Opens a folder for its lock; null where folders cannot be opened. */
function openFolder(path: string): Deno.FsFile | null {
  try {
    return Deno.openSync(path);
  } catch {
    return null;
  }
}

/**
 * Makes a temporary file or folder beside `base`.
 *
 * @returns One whose path is `BASE.HOST-RANDOM.tmp`.
 * @throws {Error} of the system, if it cannot be made.
 */
export function makeTemporary(
  base: string,
  kind: "file" | "folder",
  { mode }: { mode?: number } = {},
): Temporary {
  for (;;) {
    const path = `${base}.${HOST}-${crypto.randomUUID().slice(0, 8)}.tmp`;
    let handle: Deno.FsFile | null;
    if (kind === "file") handle = Deno.openSync(path, { write: true, createNew: true });
    else {
      Deno.mkdirSync(path, { mode });
      handle = openFolder(path);
    }
    // Another run may have taken it for dead in the moment before it was locked.
    if (handle === null || lock(handle) && leadsTo(path, handle)) {
      return new Temporary(path, handle);
    }
    handle.close();
  }
}

/** Removes a temporary file or folder if the process that made it has ended. */
function removeIfDead(path: string) {
  try {
    using handle = Deno.openSync(path);
    if (handle.tryLockSync(true) && leadsTo(path, handle)) {
      Deno.removeSync(path, { recursive: true });
    }
  } catch {
    // It cannot be shown to be dead, or is gone already.
  }
}

/**
 * Removes what processes of this machine that have ended left behind in a folder.
 *
 * @param base Only what was made beside this path: `BASE.*.tmp`; default everything in the folder
 * and below it.
 */
export function removeDead({ base, folder = dirname(base ?? "") }: {
  base?: string;
  folder?: string;
}): void {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch {
    return; // No folder, nothing left in it.
  }
  for (const { name, isDirectory } of entries) {
    const path = join(folder, name);
    const own = base === undefined || name.startsWith(`${basename(base)}.`);
    if (own && NAME.exec(name)?.[1] === HOST) removeIfDead(path);
    else if (base === undefined && isDirectory) removeDead({ folder: path });
  }
}
