/**
 * A weight analysis' report kept on disk: reused when it is of the same weights and options, resumed
 * when it was interrupted, and never seen half written.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { checkWritable, writeAtomically } from "../atomic_write.ts";
import { RecordLog } from "./record_log.ts";

/** Any report that carries metadata. */
interface Report {
  metadata: Record<string, unknown>;
}

/** How {@linkcode storedReport} makes and recognises a report. */
export interface StoredReportOptions<T extends Report, R> {
  /** Where the report is kept. */
  path: string;
  /** Identifies weights and options; a stored report of another key is made anew. */
  key: string;
  /** The report's layout. */
  schema: z.ZodType<T>;
  /** One parameter's result. */
  resultSchema: z.ZodType<R>;
  /** Makes the report; told what is done already, tells what it has done. */
  compute: (
    done: ReadonlyMap<string, R>,
    onParameter: (name: string, result: R) => void,
  ) => Promise<T>;
}

async function readStored<T extends Report>(
  path: string,
  key: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  try {
    const stored = schema.parse(JSON.parse(await Deno.readTextFile(path)));
    return stored.metadata.key === key ? stored : undefined;
  } catch {
    // Absent, or not ours: it is made anew and replaced only once that has succeeded.
    return undefined;
  }
}

/** Removes partial files beside `path`, of this key and of others. */
async function removePartials(path: string): Promise<void> {
  const prefix = `${basename(path)}.`;
  for await (const { name } of Deno.readDir(dirname(path))) {
    if (name.startsWith(prefix) && name.endsWith(".partial.jsonl")) {
      await Deno.remove(join(dirname(path), name));
    }
  }
}

/**
 * Gives the report at `path` if it has this key; else makes it, continuing an interrupted run, and
 * writes it there.
 *
 * While it is made, finished parameters stand in `PATH.KEY.partial.jsonl`.
 *
 * @throws {Error} if the place cannot be written (before anything is computed), or the analysis
 * fails; a report at `path` is then untouched.
 */
export async function storedReport<T extends Report, R>(
  { path, key, schema, resultSchema, compute }: StoredReportOptions<T, R>,
): Promise<T> {
  const stored = await readStored(path, key, schema);
  if (stored) return stored;
  await checkWritable(path);
  const recordSchema = z.object({ name: z.string(), result: resultSchema });
  const options = { schema: recordSchema, id: (record: { name: string }) => record.name };
  let report: T;
  {
    using log = RecordLog.open(`${path}.${key}.partial.jsonl`, options);
    const done = new Map([...log.records].map(([name, { result }]) => [name, result]));
    report = await compute(done, (name, result) => log.append({ name, result }));
  }
  report.metadata.key = key;
  await writeAtomically(path, JSON.stringify(report, null, 2) + "\n");
  await removePartials(path);
  return report;
}
