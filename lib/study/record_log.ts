/**
 * JSON Lines that grow record by record and survive interruption: what was written is read back,
 * a torn last line is dropped, and no record stands twice.
 *
 * @module
 */
import { dirname } from "node:path";
import type { z } from "zod";

/** Options of {@linkcode RecordLog.open}. */
export interface RecordLogOptions<R> {
  /** What a line holds. */
  schema: z.ZodType<R>;
  /** A record's identity. */
  id: (record: R) => string;
}

/** Splits a log into whole lines and the length in bytes that they take. */
function wholeLines(bytes: Uint8Array): { lines: string[]; length: number } {
  const length = bytes.lastIndexOf(10) + 1;
  const text = new TextDecoder().decode(bytes.subarray(0, length));
  return { lines: text === "" ? [] : text.slice(0, -1).split("\n"), length };
}

/** An append-only file of records, one JSON object a line. Close it, or use it with `using`. */
export class RecordLog<R> implements Disposable {
  /** Path of the file. */
  readonly path: string;
  readonly #file: Deno.FsFile;
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
   * @throws {Error} if a whole line is not a record or an id stands twice (names file and line), or
   * if the file cannot be written.
   */
  static open<R>(path: string, { schema, id }: RecordLogOptions<R>): RecordLog<R> {
    let file: Deno.FsFile;
    try {
      Deno.mkdirSync(dirname(path), { recursive: true });
      file = Deno.openSync(path, { read: true, write: true, create: true });
    } catch (cause) {
      throw new Error(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
    }
    try {
      if (!file.tryLockSync(true)) {
        throw new Error(
          `Cannot continue ${path}: another run is writing it; wait for it, or end it`,
        );
      }
      const { lines, length } = wholeLines(Deno.readFileSync(path));
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
   * @throws {Error} if a record of the same id is there.
   */
  append(record: R): void {
    const key = this.#id(record);
    if (this.#records.has(key)) throw new Error(`Record ${key} is in ${this.path} already`);
    const bytes = new TextEncoder().encode(JSON.stringify(record) + "\n");
    for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    this.#records.set(key, record);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function parseLine<R>(line: string, schema: z.ZodType<R>, where: string): R {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw new Error(
      `Cannot continue ${where}: not JSON (${(cause as Error).message}); the file is damaged: ` +
        "remove it to start anew",
      { cause },
    );
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`Cannot continue ${where}: ${issue.path.join(".")}: ${issue.message}`);
}
