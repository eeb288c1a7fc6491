/**
 * Rows of a data set's file, JSON Lines or parquet, each checked against a schema.
 *
 * @module
 */
import pl from "nodejs-polars";
import { z } from "zod";
import { systemReason } from "../atomic_write.ts";
import { fitted } from "../schema_reason.ts";
import { decodeUtf8, parseStrictJson } from "../strict_json.ts";

/** Text that says something. */
export const filledText: z.ZodString = z.string().regex(/\S/, "is empty");

export interface DatasetRow<T> {
  value: T;
  /** Where it stands: "line 3" (from 1) or "row 2" (from 0, in parquet). */
  place: string;
}

/** An error of one row, in one line. */
export function rowError(
  path: string,
  place: string,
  reason: string,
  options?: ErrorOptions,
): Error {
  return new Error(`Cannot read ${path}, ${place}: ${reason}`, options);
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound
      ? "there is no such file; check the data's folder"
      : systemReason(cause);
    throw new Error(`Cannot read ${path}: ${why}`, { cause });
  }
}

async function readLines(path: string): Promise<DatasetRow<unknown>[]> {
  const lines = decodeUtf8(await readFile(path), path).split("\n");
  return lines.flatMap((line, i) => {
    if (line.trim() === "") return [];
    const place = `line ${i + 1}`;
    return [{ value: parseStrictJson(line, { source: `${path}, ${place}` }), place }];
  });
}

function readParquet(path: string, columns?: string[]): DatasetRow<unknown>[] {
  try {
    const rows: unknown[] = pl.readParquet(path, { columns }).toRecords();
    return rows.map((value, i) => ({ value, place: `row ${i}` }));
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Reads a data set's rows in their order; empty lines are passed over.
 *
 * @param path JSON Lines, or parquet if the name ends in `.parquet`.
 * @param options.columns The columns that are read of parquet; default all.
 * @throws {Error} if the file cannot be read, has no rows, or a row is not UTF-8, not JSON, has a
 * key twice or does not fit the schema; names file, place and field.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, '{"id": 1}\n\n{"id": 2}\n');
 * const rows = await readRows(path, z.object({ id: z.number() }));
 * assertEquals(rows, [{ value: { id: 1 }, place: "line 1" }, { value: { id: 2 }, place: "line 3" }]);
 * ```
 */
export async function readRows<T>(
  path: string,
  schema: z.ZodType<T>,
  { columns }: { columns?: string[] } = {},
): Promise<DatasetRow<T>[]> {
  const rows = path.endsWith(".parquet") ? readParquet(path, columns) : await readLines(path);
  if (rows.length === 0) throw new Error(`Cannot use ${path}: it is empty`);
  return rows.map(({ value, place }) => {
    const explain = (why: string) => rowError(path, place, why);
    return { value: fitted(schema, value, explain, "the row"), place };
  });
}

/** The items, if no id stands twice among them. */
export function withUniqueIds<T extends { id: string }>(path: string, items: T[]): T[] {
  const seen = new Set<string>();
  for (const { id } of items) {
    if (seen.has(id)) {
      throw new Error(`Cannot use ${path}: the id ${JSON.stringify(id)} stands twice`);
    }
    seen.add(id);
  }
  return items;
}
