/**
 * JSON Lines that grow record by record and survive interruption: what was written is read back,
 * a torn last line is dropped, and no record stands twice.
 *
 * @module
 */
import { dirname } from "node:path";
import type { z } from "zod";
import { systemReason, writeAtomically } from "../atomic_write.ts";
import { fitted } from "../schema_reason.ts";
import { decodeUtf8, parseStrictJson } from "../strict_json.ts";

/** Options of {@linkcode RecordLog.open}. */
export interface RecordLogOptions<R> {
  /** What a line holds. */
  schema: z.ZodType<R>;
  /** A record's identity. */
  id: (record: R) => string;
}

/** What is to be done about a file that cannot be read. */
const ADVICE = "the file is damaged: repair the line, or remove the file to start anew";

/** Splits a log into whole lines and the length in bytes that they take. */
function wholeLines(bytes: Uint8Array, path: string): { lines: string[]; length: number } {
  const length = bytes.lastIndexOf(10) + 1;
  const text = decodeUtf8(bytes.subarray(0, length), path);
  return { lines: text === "" ? [] : text.slice(0, -1).split("\n"), length };
}

/** Opens a file that no other run is writing. */
function openLocked(path: string): Deno.FsFile {
  let file: Deno.FsFile;
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    file = Deno.openSync(path, { read: true, write: true, create: true });
  } catch (cause) {
    throw new Error(`Cannot write ${path}: ${systemReason(cause)}`, { cause });
  }
  if (file.tryLockSync(true)) return file;
  file.close();
  throw new Error(`Cannot continue ${path}: another run is writing it; wait for it, or end it`);
}

/** Closes a locked file. A process that is just being started may have it too, and with it the lock. */
function release(file: Deno.FsFile) {
  file.unlockSync();
  file.close();
}

/** An append-only file of records, one JSON object a line. Close it, or use it with `using`. */
export class RecordLog<R> implements Disposable {
  /** Path of the file. */
  readonly path: string;
  #file: Deno.FsFile;
  readonly #records: Map<string, R>;
  readonly #id: (record: R) => string;

  private constructor(
    path: string,
    file: Deno.FsFile,
    records: Map<string, R>,
    id: (record: R) => string,
  ) {
    this.path = path;
    this.#file = file;
    this.#records = records;
    this.#id = id;
  }

  /**
   * Opens a log, making it and its folder if needed. A last line without its end is cut off.
   *
   * @throws {Error} if a whole line is not UTF-8, not JSON or not a record, or an id stands twice
   * (names file and line), or if the file cannot be written.
   */
  static open<R>(path: string, { schema, id }: RecordLogOptions<R>): RecordLog<R> {
    const file = openLocked(path);
    try {
      const { lines, length } = wholeLines(Deno.readFileSync(path), path);
      const records = new Map<string, R>();
      lines.forEach((line, i) => {
        const record = parseLine(line, schema, `${path}:${i + 1}`);
        const key = id(record);
        if (records.has(key)) {
          throw new Error(
            `Cannot continue ${path}:${i + 1}: record ${key} stands twice; remove one of the two ` +
              "lines, or the file to start anew",
          );
        }
        records.set(key, record);
      });
      file.truncateSync(length);
      file.seekSync(0, Deno.SeekMode.End);
      return new RecordLog(path, file, records, id);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Records by id, in the order they were written. */
  get records(): ReadonlyMap<string, R> {
    return this.#records;
  }

  /**
   * Adds a record; it is on its way to the disk when this returns.
   *
   * @throws {Error} if a record of the same id is there, the file has been removed, or it cannot be
   * written; it then holds what it held before.
   */
  append(record: R): void {
    const key = this.#id(record);
    if (this.#records.has(key)) throw new Error(`Record ${key} is in ${this.path} already`);
    this.confirm();
    const { size } = this.#file.statSync();
    const bytes = new TextEncoder().encode(JSON.stringify(record) + "\n");
    try {
      for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    } catch (cause) {
      // Half a line would be glued to the next one.
      this.#file.truncateSync(size);
      throw new Error(
        `Cannot write to ${this.path}: ${systemReason(cause)}; its ${this.#records.size} records ` +
          "stand, and the same command goes on from them",
        { cause },
      );
    }
    this.#records.set(key, record);
  }

  /**
   * Puts records in place of those of the same ids; the file is rewritten, whole or not at all.
   *
   * @throws {Error} if one of them has no predecessor, or the file has been removed or cannot be
   * written; it then holds what it held before.
   */
  async update(records: readonly R[]): Promise<void> {
    this.confirm();
    const updated = new Map(this.#records);
    for (const record of records) {
      const key = this.#id(record);
      if (!updated.has(key)) throw new Error(`Cannot update ${key}: it is not in ${this.path}`);
      updated.set(key, record);
    }
    const lines = [...updated.values()].map((record) => JSON.stringify(record) + "\n");
    await writeAtomically(this.path, lines.join(""));
    release(this.#file);
    this.#file = openLocked(this.path);
    this.#file.seekSync(0, Deno.SeekMode.End);
    for (const [key, record] of updated) this.#records.set(key, record);
  }

  /**
   * Makes sure that the records are where they were written.
   *
   * @throws {Error} if the file has been removed or replaced since it was opened.
   */
  confirm(): void {
    const own = this.#file.statSync();
    let there: Deno.FileInfo | null = null;
    try {
      there = Deno.statSync(this.path);
    } catch {
      // said below
    }
    if (there !== null && there.ino === own.ino && there.dev === own.dev) return;
    throw new Error(
      `Cannot go on with ${this.path}: it was ${there === null ? "removed" : "replaced"} while ` +
        "this run was writing it; run again to make its records anew",
    );
  }

  [Symbol.dispose](): void {
    release(this.#file);
  }
}

function parseLine<R>(line: string, schema: z.ZodType<R>, source: string): R {
  let value: unknown;
  try {
    value = parseStrictJson(line, { source });
  } catch (cause) {
    throw new Error(`${(cause as Error).message}; ${ADVICE}`, { cause });
  }
  return fitted(schema, value, (why) => `Cannot continue ${source}: ${why}; ${ADVICE}`);
}
