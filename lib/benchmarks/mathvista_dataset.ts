/**
 * Image questions of MathVista: the embedded ones, or the published ones as JSON Lines or parquet.
 *
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import pl from "nodejs-polars";
import { z } from "zod";
import { resolveImage } from "./dataset_image.ts";
import { findHubDatasetFile, type HubDatasetOptions } from "./hub_dataset.ts";
import { readJsonLines } from "./json_lines.ts";

/** A question about an image that has not been read yet. */
export interface ImageQuestionItem {
  /** `pid` in the published files. */
  id: string;
  /** Without the choices. */
  question: string;
  /** Texts of the choices; null where the answer is free. */
  choices: string[] | null;
  /** For multiple choice the text of the right choice. */
  answer: string;
  /** The image in words; empty in the published files. */
  description: string;
  category: string;
  context: string;
  task: string;
  /** Reads the image file's bytes. */
  readImage: () => Promise<Uint8Array>;
}

const HUB = {
  repo: "AI4Math/MathVista",
  path: "data/testmini-00000-of-00001-725687bf7a18d64b.parquet",
} as const;

const text = z.string().min(1);
const questionSchema = z.object({
  id: text.optional(),
  pid: text.optional(),
  question: text,
  choices: z.array(z.string()).nullish(),
  answer: text,
  question_type: z.enum(["multi_choice", "free_form"]),
  description: z.string().nullish(),
  metadata: z.looseObject({
    category: z.string().nullish(),
    context: z.string().nullish(),
    task: z.string().nullish(),
  }),
}).refine(({ id, pid }) => id !== undefined || pid !== undefined, { error: "has no pid or id" })
  .refine(({ question_type, choices }) => question_type === "free_form" || choices?.length, {
    error: "choices must be given for multi_choice",
  });
const lineSchema = z.intersection(questionSchema, z.object({ image: text }));

type QuestionRow = z.infer<typeof questionSchema>;

function itemOf(row: QuestionRow, readImage: () => Promise<Uint8Array>): ImageQuestionItem {
  const { category, context, task } = row.metadata;
  return {
    id: (row.id ?? row.pid)!,
    question: row.question,
    choices: row.question_type === "multi_choice" ? row.choices! : null,
    answer: row.answer,
    description: row.description ?? "",
    category: category ?? "",
    context: context ?? "",
    task: task ?? "",
    readImage,
  };
}

async function readLines(path: string): Promise<ImageQuestionItem[]> {
  const items: ImageQuestionItem[] = [];
  for await (const { value, line } of readJsonLines(path, lineSchema)) {
    const place = { folder: dirname(path), file: path, line, field: "image" };
    const readImage = async () => Deno.readFile(await resolveImage(value.image, place));
    items.push(itemOf(value, readImage));
  }
  return items;
}

/** The bytes in `decoded_image` of one row, which is all of the file that is decoded. */
function readCell(path: string, row: number): Uint8Array {
  // Polars has no conversion of binary columns to JavaScript, but one of lists of numbers.
  const bytes = pl.col("decoded_image").struct.field("bytes").cast(pl.List(pl.UInt8));
  const [record] = pl.scanParquet(path).slice(row, 1).select(bytes.alias("bytes")).collectSync()
    .toRecords() as { bytes: number[] | null }[];
  if (!record?.bytes?.length) {
    throw new Error(`Cannot read ${path}, row ${row}: decoded_image has no bytes`);
  }
  return Uint8Array.from(record.bytes);
}

function readParquet(path: string): ImageQuestionItem[] {
  const columns = ["pid", "question", "choices", "answer", "question_type", "metadata"];
  let rows: unknown[];
  try {
    rows = pl.readParquet(path, { columns }).toRecords();
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  return rows.map((row, i) => {
    const parsed = questionSchema.safeParse(row);
    if (parsed.success) {
      return itemOf(parsed.data, () => Promise.resolve().then(() => readCell(path, i)));
    }
    const [issue] = parsed.error.issues;
    throw new Error(`Cannot read ${path}, row ${i}: ${issue.path.join(".")}: ${issue.message}`);
  });
}

/**
 * Finds the file of MathVista.
 *
 * @param source Nothing for the embedded questions, "hub" for the published testmini, or a path.
 * @throws {Error} if the hub's file is neither cached nor to be had.
 */
export async function findImageQuestionsFile(
  source?: string,
  options: HubDatasetOptions = {},
): Promise<string> {
  if (source === "hub") return await findHubDatasetFile(HUB, options);
  return source ?? fileURLToPath(
    new URL("../../dataset/tiny/benchmarks/mathvista/testmini.jsonl", import.meta.url),
  );
}

/**
 * Reads image questions in the file's order, without their images.
 *
 * @param path JSON Lines with `image` relative to the file, or parquet with the image's bytes in
 * `decoded_image` if the name ends in `.parquet`.
 * @throws {Error} if a row lacks a field, an id stands twice, or there is no question; names file
 * and row.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const items = await loadImageQuestions(await findImageQuestionsFile());
 * assertEquals(items[0].choices, ["2", "7", "1", "5"]);
 * ```
 */
export async function loadImageQuestions(path: string): Promise<ImageQuestionItem[]> {
  const items = path.endsWith(".parquet") ? readParquet(path) : await readLines(path);
  if (items.length === 0) throw new Error(`Cannot use ${path}: it has no questions`);
  const seen = new Set<string>();
  for (const { id } of items) {
    if (seen.has(id)) throw new Error(`Cannot use ${path}: the id ${id} stands twice`);
    seen.add(id);
  }
  return items;
}
