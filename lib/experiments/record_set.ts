/**
 * Records of one kind, in one file or in several.
 *
 * @module
 */
import { join } from "node:path";
import type { z } from "zod";
import type { UpdatableSink } from "./pass.ts";
import { RecordLog } from "./record_log.ts";

/** Where records of one kind are kept. */
export interface RecordLayout<R> {
  schema: z.ZodType<R>;
  /** A record's identity. */
  id: (record: R) => string;
  /** Key of the sample that it is of. */
  sampleOf: (record: R) => string;
  /** Files relative to the run's folder. */
  paths: readonly string[];
  /** Which of the files a record belongs to; default the first. */
  pathOf?: (record: R) => string;
}

/** All records of one kind, their files open. Close it, or use it with `using`. */
export class RecordSet<R> implements UpdatableSink<R>, Disposable {
  readonly #stack = new DisposableStack();
  readonly #logs = new Map<string, RecordLog<R>>();
  readonly #records = new Map<string, R>();

  /** @throws {Error} as {@linkcode RecordLog.open} does. */
  constructor(folder: string, readonly layout: RecordLayout<R>) {
    try {
      for (const path of layout.paths) {
        const log = this.#stack.use(RecordLog.open(join(folder, path), layout));
        this.#logs.set(path, log);
        for (const [id, record] of log.records) this.#records.set(id, record);
      }
    } catch (error) {
      this.#stack.dispose();
      throw error;
    }
  }

  get records(): ReadonlyMap<string, R> {
    return this.#records;
  }

  /** In the order of the samples whose keys are given; those of one as they were written. */
  all(samples: readonly string[]): R[] {
    const place = new Map(samples.map((key, i) => [key, i]));
    const { sampleOf } = this.layout;
    return [...this.#logs.values()].flatMap(({ records }) =>
      [...records.values()].sort((a, b) => place.get(sampleOf(a))! - place.get(sampleOf(b))!)
    );
  }

  append(record: R): void {
    this.#logs.get(this.#pathOf(record))!.append(record);
    this.#records.set(this.layout.id(record), record);
  }

  async update(records: readonly R[]): Promise<void> {
    for (const [path, own] of Map.groupBy(records, (record) => this.#pathOf(record))) {
      await this.#logs.get(path)!.update(own);
      for (const record of own) this.#records.set(this.layout.id(record), record);
    }
  }

  #pathOf(record: R): string {
    const { paths, pathOf = () => paths[0] } = this.layout;
    return pathOf(record);
  }

  /** @throws {Error} if a file has been removed or replaced since it was opened. */
  confirm(): void {
    for (const log of this.#logs.values()) log.confirm();
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
