/**
 * Image questions of MathVista: the embedded ones, or the published ones as JSON Lines or parquet.
 *
 * @module
 */
import pl from "nodejs-polars";
import { z } from "zod";
import { resolveImage } from "./dataset_image.ts";
import { filledText as text, readRows, withUniqueIds } from "./dataset_rows.ts";

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

const textOrEmpty = z.string().nullish().transform((value) => value ?? "");
const questionSchema = z.object({
  id: text.optional(),
  pid: text.optional(),
  question: text,
  choices: z.array(z.string()).nullish(),
  answer: text,
  question_type: z.enum(["multi_choice", "free_form"]),
  description: textOrEmpty,
  metadata: z.object({ category: textOrEmpty, context: textOrEmpty, task: textOrEmpty }),
}).refine(({ id, pid }) => id !== undefined || pid !== undefined, { error: "has no pid or id" })
  .refine(({ question_type, choices }) => question_type === "free_form" || choices?.length, {
    error: "choices must be given for multi_choice",
  })
  .transform(({ id, pid, question_type, choices, metadata, question, answer, description }) => ({
    ...{ id: (id ?? pid)!, question, answer, description, ...metadata },
    choices: question_type === "multi_choice" ? choices! : null,
  }));
const lineSchema = z.intersection(questionSchema, z.object({ image: text }));
/** Columns of parquet that are read at once; images are read one by one. */
const COLUMNS = ["pid", "question", "choices", "answer", "question_type", "metadata"];

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
 * const items = await loadImageQuestions("dataset/tiny/benchmarks/mathvista/testmini.jsonl");
 * assertEquals(items[0].choices, ["2", "7", "1", "5"]);
 * ```
 */
export async function loadImageQuestions(path: string): Promise<ImageQuestionItem[]> {
  if (path.endsWith(".parquet")) {
    const rows = await readRows(path, questionSchema, { columns: COLUMNS });
    const items = rows.map(({ value }, i) => ({
      ...value,
      readImage: () => Promise.resolve().then(() => readCell(path, i)),
    }));
    return withUniqueIds(path, items);
  }
  const rows = await readRows(path, lineSchema);
  const items = rows.map(({ value: { image, ...item }, place }) => ({
    ...item,
    readImage: async () =>
      await Deno.readFile(await resolveImage(image, { file: path, place, field: "image" })),
  }));
  return withUniqueIds(path, items);
}
