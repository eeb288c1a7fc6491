/**
 * Notebook files: nbformat 4.5, read with validation and written as Jupyter writes them. Source:
 * the JSON schema `nbformat.v4.5.schema.json` of the nbformat project.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { fitted } from "../schema_reason.ts";
import { decodeUtf8, parseStrictJson } from "../strict_json.ts";
import { splitLines, stringifyLikeJupyter } from "./nbformat_json.ts";
import { NotebookError } from "./notebook_error.ts";

// A text in the file is a string or a list of its lines; in memory it is one string.
const text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(""))], {
  error: "expected text or a list of lines",
});
const executionCount = z.union([z.int().min(0), z.null()]);
const jsonObject = z.record(z.string(), z.unknown());
const mimeBundle = jsonObject.transform((bundle, context) => {
  const entries = Object.entries(bundle).map(([mime, value]) => {
    if (isJsonMime(mime)) return [mime, value];
    const parsed = text.safeParse(value);
    if (parsed.success) return [mime, parsed.data];
    context.addIssue({ code: "custom", path: [mime], message: "expected text or a list of lines" });
    return z.NEVER;
  });
  return Object.fromEntries(entries) as MimeBundle;
});
const tag = z.string().regex(/^[^,]+$/, "a tag must have characters, and no comma");
const cellMetadata = z.looseObject({ tags: z.array(tag).optional() });
const cellId = z.string().regex(
  /^[a-zA-Z0-9-_]{1,64}$/,
  "a cell id has 1 to 64 letters, digits, - and _",
);
const attachments = z.record(z.string(), mimeBundle).optional();

const outputSchema = z.discriminatedUnion("output_type", [
  z.strictObject({ output_type: z.literal("stream"), name: z.string(), text }),
  z.strictObject({
    output_type: z.literal("display_data"),
    data: mimeBundle,
    metadata: jsonObject,
  }),
  z.strictObject({
    output_type: z.literal("execute_result"),
    data: mimeBundle,
    metadata: jsonObject,
    execution_count: executionCount,
  }),
  z.strictObject({
    output_type: z.literal("error"),
    ename: z.string(),
    evalue: z.string(),
    traceback: z.array(z.string()),
  }),
]);

// Ids came with minor version 5: they are optional when reading and added.
const base = { id: cellId.optional(), metadata: cellMetadata, source: text };
const cellSchema = z.discriminatedUnion("cell_type", [
  z.strictObject({ ...base, cell_type: z.literal("markdown"), attachments }),
  z.strictObject({ ...base, cell_type: z.literal("raw"), attachments }),
  z.strictObject({
    ...base,
    cell_type: z.literal("code"),
    execution_count: executionCount,
    outputs: z.array(outputSchema),
  }),
]);

const notebookSchema = z.strictObject({
  nbformat: z.literal(4),
  nbformat_minor: z.int().min(0).max(5),
  metadata: z.looseObject({
    kernelspec: z.looseObject({ name: z.string(), display_name: z.string() }).optional(),
    language_info: z.looseObject({ name: z.string() }).optional(),
  }),
  cells: z.array(cellSchema),
});

/** Contents by media type: any JSON for `application/json` and `application/*+json`, else text. */
export type MimeBundle = Record<string, unknown>;
/** One output of a code cell. */
export type NotebookOutput = z.output<typeof outputSchema>;
/** One cell, its source as one text. */
export type NotebookCell = z.output<typeof cellSchema> & { id: string };
/** A code cell. */
export type CodeCell = Extract<NotebookCell, { cell_type: "code" }>;
/** A notebook of format 4.5, texts as one string each. */
export type Notebook = Omit<z.output<typeof notebookSchema>, "cells" | "nbformat_minor"> & {
  nbformat_minor: 5;
  cells: NotebookCell[];
};

/**
 * Whether contents of a media type are JSON values rather than text.
 */
export function isJsonMime(mime: string): boolean {
  return /^application\/(.*\+)?json$/.test(mime);
}

/**
 * Reads the text of a notebook file of format 4.0 to 4.5 and brings it to 4.5: cells without an id
 * get one derived from their source. What Jupyter never stores (`trusted`, `signature`,
 * `orig_nbformat`) is dropped.
 *
 * @throws {NotebookError} If the text is no valid notebook; the message names the file, the field
 * and what was expected there.
 *
 * @example
 * ```ts
 * const text = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}';
 * const notebook = parseNotebook(text, "empty.ipynb");
 * if (notebook.cells.length !== 0) throw new Error("expected no cells");
 * ```
 */
export function parseNotebook(source: string, name: string): Notebook {
  const invalid = (reason: string) => new NotebookError(name, `not a valid notebook: ${reason}`);
  let json: unknown;
  try {
    json = parseStrictJson(source, { source: "it" });
  } catch (error) {
    throw invalid((error as Error).message);
  }
  const { cells, metadata, nbformat } = fitted(notebookSchema, json, invalid, "the notebook");
  const ids = new Set<string>();
  for (const { id } of cells) {
    if (id !== undefined && ids.has(id)) throw invalid(`two cells have the id "${id}"`);
    if (id !== undefined) ids.add(id);
  }
  for (const key of ["orig_nbformat", "orig_nbformat_minor", "signature"]) delete metadata[key];
  for (const cell of cells) {
    delete cell.metadata["trusted"];
    cell.id ??= deriveId(`${cell.cell_type}\n${cell.source}`, ids);
  }
  return { cells: cells as NotebookCell[], metadata, nbformat, nbformat_minor: 5 };
}

/**
 * The text of a notebook file, byte for byte as Jupyter saves it: keys sorted, one space of indent,
 * texts as lists of lines, a newline at the end.
 *
 * @throws {NotebookError} If the notebook is not valid.
 *
 * @example
 * ```ts
 * const text = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}';
 * const file = serializeNotebook(parseNotebook(text, "empty.ipynb"), "empty.ipynb");
 * if (!file.startsWith('{\n "cells": [],\n')) throw new Error(file);
 * ```
 */
export function serializeNotebook(notebook: Notebook, name: string): string {
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    source: splitLines(cell.source),
    ...("attachments" in cell && cell.attachments !== undefined && {
      attachments: mapValues(cell.attachments, splitBundle),
    }),
    ...(cell.cell_type === "code" && { outputs: cell.outputs.map(splitOutput) }),
  }));
  const file = stringifyLikeJupyter({ ...notebook, cells });
  // What is written must be readable: outputs come from arbitrary code.
  parseNotebook(file, name);
  return file;
}

/**
 * Reads a notebook file.
 *
 * @throws {NotebookError} If it cannot be read or is not valid.
 *
 * @example
 * ```ts
 * const error = await readNotebook("missing.ipynb").catch((error) => error);
 * if (error.message !== "missing.ipynb: there is no such file") throw error;
 * ```
 */
export async function readNotebook(path: string): Promise<Notebook> {
  let source: string;
  try {
    source = decodeUtf8(await Deno.readFile(path), "it");
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new NotebookError(path, reason, { cause });
  }
  return parseNotebook(source, path);
}

function splitOutput(output: NotebookOutput): unknown {
  if (output.output_type === "stream") return { ...output, text: splitLines(output.text) };
  if (output.output_type === "error") return output;
  return { ...output, data: splitBundle(output.data) };
}

/** Jupyter keeps other texts, such as base64, as one string. */
function splitBundle(bundle: MimeBundle): MimeBundle {
  return Object.fromEntries(
    Object.entries(bundle).map(([mime, value]) => {
      const lines = mime.startsWith("text/") || mime === "application/javascript" ||
        mime === "image/svg+xml";
      return [mime, lines && typeof value === "string" ? splitLines(value) : value];
    }),
  );
}

function deriveId(content: string, taken: Set<string>): string {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
  let id = hash;
  for (let n = 2; taken.has(id); n++) id = `${hash}-${n}`;
  taken.add(id);
  return id;
}

function mapValues<T, U>(object: Record<string, T>, f: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, f(value)]));
}
