/**
 * A folder of results that belongs to one model, one set of data and one set of options, and
 * says so.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { checkWritable, writeAtomically } from "../atomic_write.ts";
import { listText } from "../list_text.ts";
import { removeDead } from "../temporary.ts";
import { identityDifferences, type ModelIdentity, type RunIdentity } from "./run_identity.ts";

/** Options of {@linkcode claimFolder}. */
export interface ClaimFolderOptions {
  /** File in the folder that says whose it is, e.g. "run.json". */
  file: string;
  /** Decides whether results may be continued. */
  identity: RunIdentity | ModelIdentity;
  /** More to say in the file: names, versions. */
  about?: Readonly<Record<string, unknown>>;
  /** Record logs in the folder, relative to it. */
  logs: readonly string[];
  /** What else the run writes: files and folders, relative to it. */
  outputs?: readonly string[];
  /** Files outside of the folder that are written with its results. */
  beside?: readonly string[];
  /** Throws away what the folder holds. */
  overwrite?: boolean;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function identityIn(text: string): unknown {
  try {
    const { identity } = JSON.parse(text);
    return typeof identity === "object" && identity !== null ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** Empties a log that no other run is writing. */
function emptyLog(path: string) {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { write: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  try {
    if (!file.tryLockSync(true)) {
      throw new Error(
        `Cannot overwrite ${path}: another run is writing it; wait for it, or end it`,
      );
    }
    file.truncateSync(0);
  } finally {
    file.close();
  }
}

/** Removes a file or folder, if it is there and no other run is writing a log of it. */
async function discard(path: string) {
  const about = await Deno.stat(path).catch(() => undefined);
  if (about === undefined) return;
  if (about.isDirectory) {
    for (const { name } of Deno.readDirSync(path)) await discard(join(path, name));
  } else if (path.endsWith(".jsonl")) emptyLog(path);
  await Deno.remove(path);
}

/** Whether there is a file with content, or a folder with entries. */
async function hasContent(path: string): Promise<boolean> {
  try {
    const { isDirectory, size } = await Deno.stat(path);
    return isDirectory ? !Deno.readDirSync(path)[Symbol.iterator]().next().done : size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What can be done about a folder that another run made. */
const ADVICE = "put back what has changed, choose another folder, or overwrite it (--overwrite)";

/**
 * Makes a folder this run's: a new one, one that an equal run began, or, with `overwrite`, any.
 *
 * @throws {Error} if it holds results of another model, other data or other options (each file and
 * option that differs is named), or results that do not say what made them; nothing is changed then.
 */
export async function claimFolder(folder: string, options: ClaimFolderOptions): Promise<void> {
  const { file, identity, about = {}, logs, outputs = [], beside = [], overwrite = false } =
    options;
  const path = join(folder, file);
  for (const file of beside) await checkWritable(file);
  removeDead({ folder });
  if (overwrite) {
    for (const log of logs) emptyLog(join(folder, log));
    for (const output of outputs) await discard(join(folder, output));
  } else {
    const text = await readIfThere(path);
    const known = text === undefined ? undefined : identityIn(text);
    if (known) {
      const different = identityDifferences(known, identity);
      if (different.length === 0) return;
      throw new Error(
        `Cannot continue ${folder}: its results differ from this run in ${
          listText(different)
        }; ${ADVICE}`,
      );
    }
    for (const name of [file, ...logs, ...outputs]) {
      if (!await hasContent(join(folder, name))) continue;
      const why = name === file
        ? `its ${file} does not say what made it`
        : `it holds ${name}, but no ${file} says what made it`;
      throw new Error(
        `Cannot write to ${folder}: ${why}; choose another folder, or overwrite it (--overwrite)`,
      );
    }
  }
  for (const file of beside) {
    if (!overwrite && await Deno.lstat(file).then(() => true, () => false)) {
      throw new Error(
        `Cannot write ${file}: a file is there, and no ${path} says what made it; choose another ` +
          "place, or overwrite it (--overwrite)",
      );
    }
  }
  await Deno.mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, JSON.stringify({ ...about, identity }, null, 2) + "\n");
}
