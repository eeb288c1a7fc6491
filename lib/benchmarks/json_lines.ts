/**
 * Reading JSON Lines files record by record, each checked against a schema.
 *
 * @module
 */
import { TextLineStream } from "./text_lines.ts";
import type { z } from "zod";

/** A record that could not be read, with where it stands. */
export class JsonLineError extends Error {
  override name = "JsonLineError";

  constructor(
    /** The file. */
    readonly path: string,
    /** Line number, from 1. */
    readonly line: number,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot read ${path}, line ${line}: ${reason}`, options);
  }
}

/** A checked record and the line it stands on, from 1. */
export interface JsonLine<T> {
  value: T;
  line: number;
}

function parse<T>(path: string, line: number, text: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new JsonLineError(path, line, `it is not JSON (${reason}). Repair or remove the line.`, {
      cause: error,
    });
  }
  const checked = schema.safeParse(json);
  if (checked.success) return checked.data;
  const issues = checked.error.issues.map(({ path: field, message }) =>
    `${field.join(".") || "the record"}: ${message}`
  );
  throw new JsonLineError(path, line, `${issues.join("; ")}. Complete or correct the field.`);
}

/**
 * Reads a JSON Lines file as a stream; empty lines are passed over.
 *
 * @throws {JsonLineError} If a line is not JSON or does not fit the schema.
 * @throws {Deno.errors.NotFound} If there is no such file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, '{"id": 1}\n\n{"id": 2}\n');
 * const records = await Array.fromAsync(readJsonLines(path, z.object({ id: z.number() })));
 * assertEquals(records, [{ value: { id: 1 }, line: 1 }, { value: { id: 2 }, line: 3 }]);
 * ```
 */
export async function* readJsonLines<T>(
  path: string,
  schema: z.ZodType<T>,
): AsyncGenerator<JsonLine<T>> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `Cannot read ${path}: there is no such file. Check the dataset folder's path.`,
      { cause: error },
    );
  }
  const texts = file.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  let line = 0;
  for await (const text of texts) {
    line++;
    if (text.trim() !== "") yield { value: parse(path, line, text, schema), line };
  }
}
