/**
 * A folder of probing results that belongs to one model, one set of data and one set of options, and
 * says so.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { writeAtomically } from "../atomic_write.ts";

/** Whatever decides the results: fields that are compared as JSON. */
export type RunIdentity = Readonly<Record<string, unknown>>;

/** Options of {@linkcode claimFolder}. */
export interface ClaimFolderOptions {
  /** File in the folder that says whose it is, e.g. "run.json". */
  file: string;
  /** Decides whether results may be continued. */
  identity: RunIdentity;
  /** More to say in the file: names, versions. */
  about?: Readonly<Record<string, unknown>>;
  /** Record logs in the folder, relative to it. */
  logs: readonly string[];
  /** Throws away what the folder holds. */
  overwrite?: boolean;
}

/** Longest value that a message shows. */
const SHOWN = 80;

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}

/** Fields in which two identities differ, as "name A there, B here". */
function differences(there: RunIdentity, here: RunIdentity): string[] {
  const names = new Set([...Object.keys(there), ...Object.keys(here)]);
  return [...names]
    .filter((name) => JSON.stringify(there[name]) !== JSON.stringify(here[name]))
    .map((name) => `${name} (${show(there[name])} there, ${show(here[name])} here)`);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function identityIn(text: string): RunIdentity | undefined {
  try {
    const { identity } = JSON.parse(text);
    return typeof identity === "object" && identity !== null ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** Empties a log that no other run is writing. */
function empty(path: string) {
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

async function hasContent(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Makes a folder this run's: a new one, one that an equal run began, or, with `overwrite`, any.
 *
 * @throws {Error} if it holds results of another model, other data or other options (the differences
 * are named), or records that do not say whose they are; nothing is changed then.
 */
export async function claimFolder(folder: string, options: ClaimFolderOptions): Promise<void> {
  const { file, identity, about = {}, logs, overwrite = false } = options;
  const path = join(folder, file);
  const advice = "choose another folder, or overwrite it";
  if (overwrite) {
    for (const log of logs) empty(join(folder, log));
  } else {
    const text = await readIfThere(path);
    const known = text === undefined ? undefined : identityIn(text);
    // What JSON does not hold (undefined) must not count as a difference.
    const own = JSON.parse(JSON.stringify(identity)) as RunIdentity;
    const different = known ? differences(known, own) : [];
    if (different.length > 0) {
      throw new Error(
        `Cannot continue ${folder}: its results differ from this run in ${different.join(", ")}; ` +
          advice,
      );
    }
    if (known) return;
    for (const log of logs) {
      if (await hasContent(join(folder, log))) {
        throw new Error(
          `Cannot continue ${folder}: ${log} holds records, but no ${file} says what made them; ` +
            advice,
        );
      }
    }
  }
  await Deno.mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, JSON.stringify({ ...about, identity }, null, 2) + "\n");
}
