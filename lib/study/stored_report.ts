/**
 * A weight analysis' report kept on disk: reused when it is of the same files and options, resumed
 * when it was interrupted, and never seen half written.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { checkWritable, writeAtomically } from "../atomic_write.ts";
import { listText } from "../list_text.ts";
import { RecordLog } from "../experiments/mod.ts";
import { removeDead } from "../temporary.ts";
import { hashJson, identityDifferences, type RunIdentity } from "../experiments/mod.ts";

/** Any report that carries metadata. */
interface Report {
  metadata: Record<string, unknown>;
}

/** How {@linkcode storedReport} makes and recognises a report. */
export interface StoredReportOptions<T extends Report, R> {
  /** Where the report is kept. */
  path: string;
  /** What decides the report; it stands in its metadata. */
  identity: RunIdentity;
  /** The report's layout. */
  schema: z.ZodType<T>;
  /** One parameter's result. */
  resultSchema: z.ZodType<R>;
  /** Files that the caller writes with the report, as paths. */
  beside?: readonly string[];
  /** Replaces whatever stands there. */
  overwrite?: boolean;
  /** Makes the report; told what is done already, tells what it has done. */
  compute: (
    done: ReadonlyMap<string, R>,
    onParameter: (name: string, result: R) => void,
  ) => Promise<T>;
}

/** What stands at a report's place: nothing, a report that says what decided it, or anything else. */
async function readStored<T extends Report>(
  path: string,
  schema: z.ZodType<T>,
): Promise<T | "nothing" | "foreign"> {
  try {
    const stored = schema.parse(JSON.parse(await Deno.readTextFile(path)));
    return typeof stored.metadata.identity === "object" ? stored : "foreign";
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "nothing" : "foreign";
  }
}

async function refuseOthers(
  { path, beside = [], identity }: {
    path: string;
    beside?: readonly string[];
    identity: RunIdentity;
  },
  stored: Report | "nothing" | "foreign",
) {
  const refuse = (file: string, why: string) => {
    throw new Error(
      `Cannot write ${file}: ${why}; give another --output, or overwrite it (--overwrite)`,
    );
  };
  if (stored === "foreign") refuse(path, "a file is there that does not say what made it");
  else if (stored !== "nothing") {
    const different = identityDifferences(stored.metadata.identity, identity);
    refuse(path, `the report there differs from this one in ${listText(different)}`);
  } else {
    for (const file of beside) {
      const there = await Deno.lstat(file).then(() => true, () => false);
      if (there) refuse(file, `it is there, but no ${basename(path)} beside it`);
    }
  }
}

/** Removes partial files beside `path`, of this report and of others. */
async function removePartials(path: string): Promise<void> {
  for await (const { name } of Deno.readDir(dirname(path))) {
    const rest = name.startsWith(basename(path)) ? name.slice(basename(path).length) : "";
    if (/^\.[0-9a-f]{16}\.partial\.jsonl$/.test(rest)) await Deno.remove(join(dirname(path), name));
  }
}

/**
 * Gives the report at `path` if its identity is this one; else makes it, continuing an interrupted
 * run, and writes it there.
 *
 * While it is made, finished parameters stand in `PATH.KEY.partial.jsonl`.
 *
 * @throws {Error} before anything is computed, if the place cannot be written, or something else
 * stands there and is not to be overwritten; or if the analysis fails. What is at `path` is then
 * untouched.
 */
export async function storedReport<T extends Report, R>(
  options: StoredReportOptions<T, R>,
): Promise<T> {
  const { path, identity, schema, resultSchema, compute, overwrite = false } = options;
  const stored = await readStored(path, schema);
  if (typeof stored !== "string") {
    if (identityDifferences(stored.metadata.identity, identity).length === 0) return stored;
  }
  await checkWritable(path);
  for (const file of [path, ...options.beside ?? []]) removeDead({ base: file });
  if (!overwrite) await refuseOthers(options, stored);
  const recordSchema = z.object({ name: z.string(), result: resultSchema });
  const logOptions = { schema: recordSchema, id: (record: { name: string }) => record.name };
  const partial = `${path}.${hashJson(identity)}.partial.jsonl`;
  let report: T;
  try {
    using log = RecordLog.open(partial, logOptions);
    const done = new Map([...log.records].map(([name, { result }]) => [name, result]));
    report = await compute(done, (name, result) => log.append({ name, result }));
  } catch (error) {
    // As where the models cannot be compared: nothing was made that could be gone on with.
    if (await Deno.stat(partial).then(({ size }) => size === 0, () => false)) {
      await Deno.remove(partial);
    }
    throw error;
  }
  report.metadata.identity = identity;
  await writeAtomically(path, JSON.stringify(report, null, 2) + "\n");
  await removePartials(path);
  return report;
}
